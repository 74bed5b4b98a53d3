"""Who am I, and within what limits: token, organisation, limit namespaces."""

from .state import ORG_ID
from .web import EMPTY, Answer, Call, Route, missing

NAME = "Sandbox Contact Centre"
LIMITS = {
    "gdpr": {},
    "platform.api": {
        "client.credentials.token.rate.per.minute": 300,
        "token.rate.per.minute": 300,
        "org.app.user.rate.per.minute": 3000,
    },
    "recording": {},
    "external.contacts": {},
}


def token(call: Call) -> Answer:
    """GET /tokens/me: the organisation and the client; there is no user."""
    org = {"id": ORG_ID, "name": NAME}
    client = {
        "id": call.client.id,
        "name": call.client.name,
        "authorizedGrantType": "CLIENT-CREDENTIALS",
        "state": "active",
        "organization": org,
    }
    return 200, {
        "organization": org,
        "homeOrganization": org,
        "authorizedScope": [],
        "OAuthClient": client,
    }


def revoke(call: Call) -> Answer:
    """DELETE /tokens/me: the token dies."""
    desk = call.org.desk
    desk.tokens = {key: one for key, one in desk.tokens.items() if one.client is not call.client}
    return EMPTY


def organisation(call: Call) -> Answer:
    """GET /organizations/me."""
    return 200, {
        "id": ORG_ID,
        "name": NAME,
        "defaultLanguage": "en-GB",
        "defaultCountryCode": "GB",
        "domain": "sandbox",
        "version": 1,
        "state": "active",
        "features": {},
        "productPlatform": "GenesysCloud",
        "selfUri": f"/api/v2/organizations/{ORG_ID}",
    }


def limits(call: Call) -> Answer:
    """GET /organizations/limits/namespaces/{namespaceName}."""
    name = call.params["namespaceName"]
    if name not in LIMITS:
        raise missing("namespace")
    rows = [{"key": key, "namespace": name, "value": value} for key, value in LIMITS[name].items()]
    return 200, {"entities": rows}


ROUTES = (
    Route("GET", "/tokens/me", token),
    Route("DELETE", "/tokens/me", revoke),
    Route("GET", "/organizations/me", organisation),
    Route("GET", "/organizations/limits/namespaces/{namespaceName}", limits),
)
