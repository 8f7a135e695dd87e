"""OpenAPI of the hubs and of what stands below a topic, which no resource describes."""

from collections.abc import Iterable
from typing import Any

Document = dict[str, Any]

SCHEMAS: Document = {
    "EventSubscriptionInput": {
        "type": "object",
        "required": ["callback"],
        "properties": {
            "callback": {"type": "string", "format": "uri", "description": "events go to {callback}/listener/{event}"},
            "query": {"type": "string", "description": "which events, as filters of a list; without it all"},
            "secret": {"type": "string", "description": "signs what is posted; without it one is made"},
        },
    },
    "EventSubscription": {
        "type": "object",
        "required": ["id", "callback"],
        "properties": {
            "id": {"type": "string"},
            "href": {"type": "string"},
            "callback": {"type": "string"},
            "query": {"type": "string"},
            "secret": {"type": "string", "description": "shown this once"},
        },
    },
}  # fmt: skip
_ID = {"$ref": "#/components/parameters/id"}
_TOPIC = {"name": "topicId", "in": "path", "required": True, "schema": {"type": "string"}}
_PAGE = [{"$ref": f"#/components/parameters/{name}"} for name in ("fields", "offset", "limit")]


def hub_paths() -> Document:
    """The hub of an API."""
    return {
        "/hub": {"post": _subscribe("registerListener")},
        "/hub/{id}": {"parameters": [_ID], "delete": _unsubscribe("unregisterListener")},
    }


def topic_paths() -> Document:
    """The events and the hub of a topic (TMF688)."""
    event, hub = "Event", "EventSubscription"
    return {
        "/topic/{topicId}/event": {
            "parameters": [_TOPIC],
            "get": _list("listTopicEvent", "Events of a topic.", event),
            "post": _operation(
                "createTopicEvent",
                "Post an event to a topic.",
                {"201": _answer("Created; Location says where", _ref(event))},
                ("400", "401", "403", "404", "413"),
                requestBody=_body("Event_Create", {"eventType": "text"}),
            ),
        },
        "/topic/{topicId}/event/{id}": {"parameters": [_TOPIC, _ID], "get": _get("getTopicEvent", event)},
        "/topic/{topicId}/hub": {
            "parameters": [_TOPIC],
            "get": _list("listTopicHub", "Subscriptions of a topic.", hub),
            "post": _subscribe("registerTopicListener"),
        },
        "/topic/{topicId}/hub/{id}": {
            "parameters": [_TOPIC, _ID],
            "get": _get("getTopicHub", hub),
            "delete": _unsubscribe("unregisterTopicListener"),
        },
    }


def _subscribe(name: str) -> Document:
    example = {"callback": "https://listener.example.org/abonent"}
    return _operation(
        name,
        "Subscribe to events: they are posted to the callback in order, signed as Standard Webhooks says.",
        {"201": _answer("Subscribed; Location says where", _ref("EventSubscription"))},
        ("400", "401", "403", "413"),
        requestBody=_body("EventSubscriptionInput", example),
    )


def _unsubscribe(name: str) -> Document:
    return _operation(name, "End a subscription.", {"204": {"description": "Ended"}}, ("401", "403", "404"))


def _list(name: str, summary: str, schema: str) -> Document:
    many = {"type": "array", "items": _ref(schema)}
    answers = {"200": _answer("All of what was asked for", many), "206": _answer("A part of it", many)}
    return _operation(name, summary, answers, ("400", "401", "403", "404"), parameters=_PAGE)


def _get(name: str, schema: str) -> Document:
    found = {"200": _answer("The document", _ref(schema))}
    return _operation(name, f"One {schema}.", found, ("400", "401", "403", "404"), parameters=_PAGE[:1])


def _operation(name: str, summary: str, answers: Document, errors: Iterable[str], **more: Any) -> Document:
    refused = {status: {"$ref": f"#/components/responses/{status}"} for status in errors}
    tags = ["events subscription"]
    return {
        "operationId": name,
        "summary": summary,
        "tags": tags,
        **more,
        "responses": {**answers, **refused},
    }


def _body(schema: str, example: Document) -> Document:
    return {"required": True, "content": {"application/json": {"schema": _ref(schema), "example": example}}}


def _answer(description: str, schema: Document) -> Document:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}
