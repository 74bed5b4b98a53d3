"""Staff and their roles. Nobody is a superuser, and nobody gives themselves a role."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm, UserCreationForm
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.safestring import SafeString

from erasure.admin import words
from erasure.admin.base import ReadOnlyAdmin, badge, may, page, require
from erasure.admin.words import Badge
from erasure.models import User

CREATED = ((None, {"fields": ("username", "password1", "password2")}),)
KEPT = (
    (None, {"fields": ("username", "first_name", "last_name", "email")}),
    ("Access", {"fields": ("is_active", "groups", "seen", "joined")}),
)


class NewUserForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User


class StaffAdmin(ReadOnlyAdmin):
    list_display = ("username", "full_name", "roles", "access", "seen")
    list_filter = ("is_active",)
    ordering = ("username",)
    sortable_by = ("username",)
    change_form_template = "admin/erasure/user.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "add_user")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "change_user")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return KEPT if obj else CREATED

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = NewUserForm
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Somebody else gives a person their roles."""
        if obj is None:
            return ()
        own = ("groups", "is_active") if obj.pk == request.user.pk else ()
        return ("seen", "joined", *own)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field and db_field.name == "groups":
            field.widget = CheckboxSelectMultiple(choices=field.choices)
            field.label, field.help_text = "Roles", "What the person may do is their sum."
        return field

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    @staticmethod
    def password_view(request: HttpRequest, pk: int) -> HttpResponseBase:
        """A new first password for somebody else; one's own is changed with the old one."""
        require(request, "change_user")
        user = get_object_or_404(User, pk=pk)
        if user == request.user:
            return redirect("admin:password_change")
        form = SetPasswordForm(user, request.POST or None)
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, f"{user.as_said()} has a new password.")
            return redirect("admin:erasure_user_change", user.pk)
        return page(request, "password.html", title=f"New password for {user}", form=form, of=user)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.password_view)
        return [path("<int:pk>/password/", view, name="user_password"), *super().get_urls()]

    @staticmethod
    def full_name(user: User) -> str:
        return user.get_full_name()

    @staticmethod
    def roles(user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "none"

    @staticmethod
    @admin.display(description="Last signed in")
    def seen(user: User) -> str:
        return words.moment(user.last_login)

    @staticmethod
    @admin.display(description="Joined")
    def joined(user: User) -> str:
        return words.moment(user.date_joined)

    @staticmethod
    def access(user: User) -> SafeString:
        works = user.is_active and user.is_staff
        return badge(Badge("May sign in", "good") if works else Badge("Switched off"))
