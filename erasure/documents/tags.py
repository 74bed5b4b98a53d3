"""The structure of a document, for screen readers (PDF 1.7, 14.7 and 14.8)."""

from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name


@dataclass(slots=True)
class Element:
    """One structure element: a tag and, in reading order, elements or marked content.

    Marked content is (page from 0, mark on that page).
    """

    tag: str
    kids: "list[Element | tuple[int, int]]" = field(default_factory=list)
    scope: str = ""  # of a table header: Column or Row
    alternative: str = ""  # said instead of a picture


def add_structure(pdf: pikepdf.Pdf, root: Element) -> None:
    """Write the structure tree and its way back from each page."""
    pages: list[pikepdf.Object] = [page.obj for page in pdf.pages]
    owners: list[dict[int, pikepdf.Object]] = [{} for _ in pages]
    top = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    top.K = _write(pdf, root, top, pages, owners)
    numbers = Array()
    for index, page in enumerate(pages):
        page.StructParents = index
        page.Tabs = Name.S
        marks = [owners[index][mark] for mark in sorted(owners[index])]
        numbers.append(index)
        numbers.append(pdf.make_indirect(Array(marks)))
    top.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))
    top.ParentTreeNextKey = len(pages)
    pdf.Root.StructTreeRoot = top
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _write(
    pdf: pikepdf.Pdf,
    element: Element,
    parent: pikepdf.Object,
    pages: list[pikepdf.Object],
    owners: list[dict[int, pikepdf.Object]],
) -> pikepdf.Object:
    node = pdf.make_indirect(Dictionary(S=Name(f"/{element.tag}"), P=parent))
    if element.scope:
        node.A = Dictionary(O=Name.Table, Scope=Name(f"/{element.scope}"))
    if element.alternative:
        node.Alt = element.alternative
    if len(element.kids) == 1 and not isinstance(element.kids[0], Element):
        page, mark = element.kids[0]
        owners[page][mark] = node
        node.Pg, node.K = pages[page], mark
    elif element.kids:
        node.K = Array([_kid(pdf, kid, node, pages, owners) for kid in element.kids])
    return node


def _kid(
    pdf: pikepdf.Pdf,
    kid: Element | tuple[int, int],
    node: pikepdf.Object,
    pages: list[pikepdf.Object],
    owners: list[dict[int, pikepdf.Object]],
) -> pikepdf.Object:
    if isinstance(kid, Element):
        return _write(pdf, kid, node, pages, owners)
    page, mark = kid
    owners[page][mark] = node
    return Dictionary(Type=Name.MCR, Pg=pages[page], MCID=mark)
