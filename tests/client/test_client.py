"""The client as a whole: what it sends, what it makes of the responses, and when it may be called."""

import asyncio
import re
from datetime import UTC, datetime

import httpx
import orjson
import pytest
import respx

import aiotalonone
from aiotalonone import (
    APIStatusError,
    AsyncIntegrationClient,
    BadRequestError,
    ClientStateError,
    NotFoundError,
    Outcome,
    RedirectError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
    TalonOneError,
    Timeouts,
    TransportError,
    TransportTimeoutError,
)
from tests.support.clients import API_KEY, BASE_URL

INVENTORY = "/v1/customer_profiles/c-1/inventory"


async def test_a_request_carries_the_key_and_asks_for_json(api, client):
    """The client adds the API key and the headers that ask for JSON to every request."""
    route = api.get(INVENTORY).respond(json={})
    await client.customers.get_customer_inventory("c-1")
    headers = route.calls.last.request.headers
    assert headers["Authorization"] == f"ApiKey-v1 {API_KEY}"
    assert headers["Accept"] == "application/json"
    assert "Content-Type" not in headers
    assert re.fullmatch(r"aiotalonone/\S+ httpx/\S+", headers["User-Agent"])


async def test_a_body_travels_as_json(api, client):
    """A body is sent as compact JSON with its content type."""
    route = api.put("/v2/customer_profiles/c-1").respond(json={"effects": []})
    await client.customers.update_customer_profile_v2("c-1", {"attributes": {"Name": "Zoë"}})
    request = route.calls.last.request
    assert request.headers["Content-Type"] == "application/json"
    assert request.content == '{"attributes":{"Name":"Zoë"}}'.encode()


async def test_flags_that_are_not_given_are_not_sent(api, client):
    """A flag that the caller does not give is not sent, so that the deployment's default holds."""
    route = api.get(INVENTORY).respond(json={})
    await client.customers.get_customer_inventory("c-1", coupons=True, loyalty=False)
    assert route.calls.last.request.url.query == b"coupons=true&loyalty=false"


async def test_the_base_url_may_have_a_path(api):
    """A base URL with a path is a prefix of every request, with or without a slash at its end."""
    async with AsyncIntegrationClient(f"{BASE_URL}/gateway/", api_key="k") as client:
        route = api.delete("/gateway/v1/customer_data/c-1").respond(204)
        await client.customers.delete_customer_data("c-1")
    assert route.called


async def test_a_body_of_another_model_is_rejected(client):
    """A V1 session is not accepted where V2 is expected, as it would silently change nothing."""
    with pytest.raises(TypeError, match="the body must be an IntegrationRequest or a mapping in JSON names"):
        await client.sessions.update_customer_session_v2("s-1", aiotalonone.NewCustomerSession())
    with pytest.raises(TypeError, match="not list"):
        await client.sessions.update_customer_session_v2("s-1", [1])


async def test_a_body_that_is_not_json_is_rejected(client):
    """A body that cannot be written as JSON raises an error without its value, and nothing is sent."""
    with pytest.raises(TypeError, match="set is not a JSON value"):
        await client.customers.update_customer_profile_v2("c-1", {"attributes": {"tags": {"secret"}}})
    with pytest.raises(ValueError, match="NaN"):
        await client.customers.update_customer_profile_v2("c-1", {"attributes": {"size": float("nan")}})


ANSWERS = [
    (400, BadRequestError, Outcome.REJECTED),
    (404, NotFoundError, Outcome.REJECTED),
    (418, APIStatusError, Outcome.REJECTED),
    (503, ServerError, Outcome.UNKNOWN),
]


@pytest.mark.parametrize(("status", "kind", "outcome"), ANSWERS)
async def test_a_failed_status_is_an_error_of_ours(api, client, status, kind, outcome):
    """An error status raises our class with status, outcome and operation, and its line has no ID."""
    api.get(INVENTORY).respond(status, json={"message": "profile c-1: no"}, headers={"X-Request-ID": "r-1"})
    with pytest.raises(TalonOneError) as caught:
        await client.customers.get_customer_inventory("c-1")
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.outcome, error.request_id) == (status, outcome, "r-1")
    assert error.operation_id == "getCustomerInventory"
    assert "c-1" not in str(error)


async def test_an_error_line_hides_what_the_body_said(api, client):
    """The line of an error shows no message that is not known, which may repeat an ID of the request's body."""
    api.post("/v1/referrals").respond(400, json={"message": "advocate anna@example.com is unknown"})
    with pytest.raises(BadRequestError) as caught:
        await client.referrals.create_referral({"campaignId": 1, "advocateProfileIntegrationId": "anna@example.com"})
    assert str(caught.value) == "createReferral failed: 400 Bad Request, API message withheld (1 attempt, rejected)"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(api, client, status):
    """A redirect is an error, so that the key is not sent to another host."""
    api.get(INVENTORY).respond(status, headers={"Location": "https://elsewhere.example.com/"})
    with pytest.raises(RedirectError):
        await client.customers.get_customer_inventory("c-1")


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"7", b"null", b'{"data": ['])
async def test_an_unreadable_success_says_that_it_was_applied(api, client, content):
    """A success whose body cannot be decoded is APPLIED; the error has the body and does not show it."""
    api.get("/v1/coupon_reservations/customerprofiles/SUMMER").respond(200, content=content)
    with pytest.raises(ResponseDecodeError) as caught:
        await client.coupons.get_reserved_customers("SUMMER")
    assert caught.value.outcome is Outcome.APPLIED
    assert caught.value.content == content
    assert (
        str(caught.value) == "getReservedCustomers failed: 200 with a body that cannot be decoded (1 attempt, applied)"
    )


async def test_a_response_that_is_not_what_its_schema_says_is_the_result(api, client):
    """A success with members missing and of other kinds is returned, with all that it holds."""
    page = {"totalResultSize": "many", "data": [{"integrationId": "anna"}, "secret"]}
    api.get("/v1/coupon_reservations/customerprofiles/SUMMER").respond(json=page)
    result = await client.coupons.get_reserved_customers("SUMMER")
    assert (result.total_result_size, result.data[0].integration_id, result.data[0].created) == ("many", "anna", None)
    assert result.data[1] == "secret"


ONE_ATTEMPT = RetryPolicy(attempts=1)
FAILURES = [
    (httpx.ConnectError, TransportError, Outcome.UNKNOWN, "connect error"),
    (httpx.ConnectTimeout, TransportTimeoutError, Outcome.UNKNOWN, "connect timeout"),
    (httpx.PoolTimeout, TransportTimeoutError, Outcome.NOT_SENT, "pool timeout"),
    (httpx.ReadTimeout, TransportTimeoutError, Outcome.UNKNOWN, "read timeout"),
    (httpx.WriteTimeout, TransportTimeoutError, Outcome.UNKNOWN, "write timeout"),
    (httpx.ReadError, TransportError, Outcome.UNKNOWN, "read error"),
    (httpx.RemoteProtocolError, TransportError, Outcome.UNKNOWN, "remote protocol error"),
    (httpx.DecodingError, TransportError, Outcome.UNKNOWN, "decoding error"),
    (httpx.TooManyRedirects, TransportError, Outcome.UNKNOWN, "too many redirects"),
]


@pytest.mark.parametrize(("failure", "kind", "outcome", "words"), FAILURES)
async def test_a_broken_connection_is_an_error_of_ours(api, client, failure, kind, outcome, words):  # noqa: PLR0917
    """An httpx error becomes a TransportError, UNKNOWN if it is not known what was written."""
    api.get(INVENTORY).mock(side_effect=failure)
    with pytest.raises(TransportError) as caught:
        await client.customers.get_customer_inventory("c-1")
    assert type(caught.value) is kind
    assert caught.value.outcome is outcome
    assert str(caught.value) == f"getCustomerInventory failed: {words} (1 attempt, {outcome})"


async def test_a_timeout_is_a_timeout_error(api, client):
    """A timeout of a call is caught by ``except TimeoutError``, like asyncio's own."""
    api.get(INVENTORY).mock(side_effect=httpx.ReadTimeout)
    with pytest.raises(TimeoutError):
        await client.customers.get_customer_inventory("c-1")


async def test_the_cause_of_a_broken_connection_holds_no_request(api, client):
    """No exception in the chain of causes of a TransportError holds the request, with its key and its body."""
    api.get(INVENTORY).mock(side_effect=httpx.ReadError)
    with pytest.raises(TransportError) as caught:
        await client.customers.get_customer_inventory("c-1")
    cause = caught.value.__cause__
    assert isinstance(cause, httpx.ReadError)
    with pytest.raises(RuntimeError, match="has not been set"):
        _ = cause.request


@pytest.mark.parametrize(
    "failure", [OSError, RuntimeError, ConnectionResetError, httpx.InvalidURL, KeyError, ValueError, httpx.StreamClosed]
)
async def test_an_error_of_another_transport_is_ours(failure):
    """Any exception of a caller's own transport becomes one of our errors."""

    def fail(_request):
        raise failure if failure is httpx.StreamClosed else failure("c-1")

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(fail)) as http_client,
        AsyncIntegrationClient(BASE_URL, api_key="k", http_client=http_client, retry=ONE_ATTEMPT) as client,
    ):
        with pytest.raises(TransportError) as caught:
            await client.customers.delete_customer_data("c-1")
    assert caught.value.outcome is Outcome.UNKNOWN
    assert "c-1" not in str(caught.value)


async def test_a_timeout_error_of_another_transport_is_a_timeout():
    """A TimeoutError of a caller's own transport is treated like a timeout of httpx."""

    def fail(_request):
        raise TimeoutError

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(fail)) as http_client,
        AsyncIntegrationClient(BASE_URL, api_key="k", http_client=http_client, retry=ONE_ATTEMPT) as client,
    ):
        with pytest.raises(TransportTimeoutError):
            await client.customers.delete_customer_data("c-1")


@pytest.mark.parametrize(("reads", "message"), [(True, "gone"), (False, None)])
async def test_a_hook_that_raises_for_the_status_changes_nothing(reads, message):
    """A hook of an external client that raises for the status leads to our error, without httpx's text."""

    async def judge(response):
        if reads:
            await response.aread()
        response.raise_for_status()

    answer = httpx.MockTransport(lambda _: httpx.Response(404, stream=httpx.ByteStream(b'{"message": "gone"}')))
    async with (
        httpx.AsyncClient(transport=answer, event_hooks={"response": [judge]}) as http_client,
        AsyncIntegrationClient(BASE_URL, api_key="k", http_client=http_client) as client,
    ):
        with pytest.raises(NotFoundError) as caught:
            await client.customers.delete_customer_data("c-1")
    assert caught.value.api_message == message
    assert caught.value.__cause__ is None


async def test_an_assertion_of_a_mock_fails_the_test(client):
    """A request that no mocked route expects fails the test that sent it with respx's AssertionError."""
    with respx.mock, pytest.raises(AssertionError):
        await client.customers.delete_customer_data("c-1")


def test_an_ssl_context_of_another_type_is_rejected():
    """A path in place of an ``ssl_context`` raises TypeError when the client is made."""
    with pytest.raises(TypeError, match="ssl_context must be"):
        AsyncIntegrationClient("https://acme.talon.one", api_key="k", ssl_context="company.pem")


async def test_another_http_client_is_rejected():
    """A synchronous httpx client raises TypeError when the client is made."""
    with pytest.raises(TypeError, match="http_client must be"):
        AsyncIntegrationClient(BASE_URL, api_key="k", http_client=httpx.Client())


async def test_a_flag_that_is_not_a_bool_is_rejected(client):
    """The text ``no`` as a flag raises TypeError, since it would count as true."""
    with pytest.raises(TypeError, match="silent must be a bool or None, not str"):
        await client.customers.update_customer_profiles_v2({}, silent="no")


async def test_an_id_that_no_url_can_hold_is_rejected(client):
    """An ID that makes the URL too long for httpx raises ValueError, and nothing is sent."""
    with pytest.raises(ValueError, match="too long"):
        await client.customers.delete_customer_data("c" * 70_000)


class TestRequest:
    """``client.request`` calls an endpoint that has no method yet."""

    async def test_it_returns_parsed_json(self, api, client):
        """Query members are spelled as in the methods, and the result is the parsed JSON."""
        route = api.get("/v1/loyalty_programs/5/profile/c-1/balances").respond(json={"balance": 2**60})
        now = datetime(2026, 11, 1, tzinfo=UTC)
        answer = await client.request(
            "GET",
            "/v1/loyalty_programs/5/profile/c-1/balances",
            query={"endDate": now, "includeTiers": True, "subledgerId": "a&b", "page": 2, "none": None},
        )
        assert answer == {"balance": 2**60}
        request = route.calls.last.request
        assert dict(request.url.params) == {
            "endDate": "2026-11-01T00:00:00+00:00",
            "includeTiers": "true",
            "subledgerId": "a&b",
            "page": "2",
        }
        assert request.headers["Authorization"] == f"ApiKey-v1 {API_KEY}"

    async def test_it_sends_models_and_json(self, api, client):
        """A body may be a model or a mapping."""
        route = api.put("/v2/thing").respond(204)
        for body in (aiotalonone.NewCustomerProfile(attributes={"a": 1}), {"attributes": {"a": 1}}):
            assert await client.request("PUT", "/v2/thing", body=body) is None
            assert orjson.loads(route.calls.last.request.content) == {"attributes": {"a": 1}}

    @pytest.mark.parametrize(
        "options", [{"path": "/v1/anna\ud800"}, {"path": "/v1/x", "query": {"name": "anna\ud800"}}]
    )
    async def test_a_lone_surrogate_is_a_value_error(self, client, options):
        """A path or query with a lone surrogate is a ValueError without the value, and nothing is sent."""
        with pytest.raises(ValueError, match="lone surrogate") as caught:
            await client.request("GET", **options)
        assert type(caught.value) is ValueError
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)

    async def test_its_errors_are_the_same(self, api, client):
        """An error status and an undecodable body raise the usual errors, whose lines do not show the path."""
        api.get("/v1/secret-path").respond(404)
        with pytest.raises(NotFoundError) as caught:
            await client.request("GET", "/v1/secret-path")
        assert str(caught.value) == "request failed: 404 Not Found (1 attempt, rejected)"
        message = {"message": f"no, anna b of Berlin is unknown to {API_KEY}"}
        api.get("/v1/profiles/anna%20b").respond(404, json=message)
        with pytest.raises(NotFoundError) as caught:
            await client.request("GET", "/v1/profiles/anna%20b", query={"city": "Berlin", "dry": False})
        assert str(caught.value) == "request failed: 404 Not Found, API message withheld (1 attempt, rejected)"
        api.get("/v1/html").respond(200, html="<p>")
        with pytest.raises(ResponseDecodeError):
            await client.request("GET", "/v1/html")

    @pytest.mark.parametrize(
        "path",
        [
            *("", "v1/x", "//evil.example.com/v1", "https://evil.example.com", "/v1/../v2", "/v1/..", "/./x"),
            *("/v1/x?y=1", "/v1/x#y", "/v1/a b", "/v1/\n", "/v1\\x", "/v1/%2e%2E/x", "/v1/\0", "/v1/\x7f"),
        ],
    )
    async def test_a_path_to_another_host_is_rejected(self, client, path):
        """A path that leads to another host or has a query of its own raises ValueError."""
        with pytest.raises(ValueError, match="path must start with one slash"):
            await client.request("GET", path)

    @pytest.mark.parametrize(
        ("method", "path", "query"), [("GET", None, None), (7, "/v1", None), ("GET", "/v1", [("a", "b")])]
    )
    async def test_arguments_of_other_types_are_rejected(self, client, method, path, query):
        """Arguments of other types raise TypeError before anything is sent."""
        with pytest.raises(TypeError, match="must be"):
            await client.request(method, path, query=query)

    async def test_a_query_value_of_another_type_is_rejected(self, client):
        """A list as a query value raises TypeError, since there is no single way to write it."""
        with pytest.raises(TypeError, match="query: ids must be a str, int, bool or datetime, not list"):
            await client.request("GET", "/v1/x", query={"ids": [1]})

    @pytest.mark.parametrize("method", ["", "get", "GET /", "GET\n"])
    async def test_an_invalid_method_is_rejected(self, client, method):
        """A method that is not a word in capitals raises ValueError."""
        with pytest.raises(ValueError, match="method must be"):
            await client.request(method, "/v1/x")


class TestLifecycle:
    """A call on a client that is not open on this event loop raises ClientStateError before anything is sent."""

    async def test_a_call_before_open_is_rejected(self):
        """A call before ``open`` raises ClientStateError with the way to open the client."""
        client = AsyncIntegrationClient(BASE_URL, api_key="k")
        with pytest.raises(ClientStateError, match="async with") as caught:
            await client.customers.delete_customer_data("c-1")
        assert caught.value.outcome is Outcome.NOT_SENT

    async def test_a_call_after_aclose_is_rejected(self):
        """A closed client rejects calls and cannot be opened again."""
        client = await AsyncIntegrationClient(BASE_URL, api_key="k").open()
        await client.aclose()
        await client.aclose()
        with pytest.raises(ClientStateError, match="is closed"):
            await client.customers.delete_customer_data("c-1")
        with pytest.raises(ClientStateError, match="is closed"):
            await client.open()

    async def test_a_client_that_was_never_opened_can_be_closed(self):
        """A client can be closed before it was opened, and then cannot be opened."""
        client = AsyncIntegrationClient(BASE_URL, api_key="k")
        await client.aclose()
        with pytest.raises(ClientStateError, match="is closed"):
            await client.open()

    async def test_two_tasks_may_open_one_client(self, api):
        """Two tasks that open one client at once get the same client."""
        client = AsyncIntegrationClient(BASE_URL, api_key="k")
        first, second = await asyncio.gather(client.open(), client.open())
        assert first is second is client
        api.delete("/v1/customer_data/c-1").respond(204)
        await client.customers.delete_customer_data("c-1")
        await client.aclose()

    def test_another_event_loop_is_rejected(self):
        """A call, ``open`` and ``aclose`` on another event loop raise ClientStateError, since they would hang."""
        client = AsyncIntegrationClient(BASE_URL, api_key="k")

        async def call():
            await client.customers.delete_customer_data("c-1")

        with asyncio.Runner() as its_loop:
            its_loop.run(client.open())
            with pytest.raises(ClientStateError, match="another event loop"):
                asyncio.run(call())
            with pytest.raises(ClientStateError, match="another event loop"):
                asyncio.run(client.open())
            with pytest.raises(ClientStateError, match="another event loop"):
                asyncio.run(client.aclose())
            its_loop.run(client.aclose())


class TestSharedHttpClient:
    """A caller's own ``httpx.AsyncClient`` is used with its settings and is never closed."""

    async def test_it_is_never_closed(self, api):
        """The httpx client stays open when the clients that used it are closed."""
        async with httpx.AsyncClient() as http_client:
            async with AsyncIntegrationClient(BASE_URL, api_key="k", http_client=http_client) as client:
                api.delete("/v1/customer_data/c-1").respond(204)
                await client.customers.delete_customer_data("c-1")
            assert not http_client.is_closed

    async def test_several_keys_share_it(self, api):
        """Clients on one httpx client use their own keys at once, whatever the httpx client's ``auth`` is."""
        route = api.delete("/v1/customer_data/c-1").respond(204)
        async with (
            httpx.AsyncClient(auth=("user", "password"), headers={"Authorization": "x"}) as http_client,
            AsyncIntegrationClient(BASE_URL, api_key="one", http_client=http_client) as one,
            AsyncIntegrationClient(BASE_URL, api_key="two", http_client=http_client) as two,
        ):
            await asyncio.gather(*(client.customers.delete_customer_data("c-1") for client in (one, two)))
        sent = sorted(call.request.headers["Authorization"] for call in route.calls)
        assert sent == ["ApiKey-v1 one", "ApiKey-v1 two"]

    async def test_its_settings_hold(self, api):
        """The httpx client's headers, timeouts and hooks are used, but redirects are not followed."""
        seen = []

        async def hook(request):
            seen.append(request.extensions["timeout"])

        api.delete("/v1/customer_data/c-1").respond(307, headers={"Location": "/"})
        async with (
            httpx.AsyncClient(
                timeout=77, headers={"User-Agent": "shop"}, event_hooks={"request": [hook]}, follow_redirects=True
            ) as http_client,
            AsyncIntegrationClient(BASE_URL, api_key="k", http_client=http_client) as client,
        ):
            with pytest.raises(RedirectError):
                await client.customers.delete_customer_data("c-1")
        assert seen == [{"connect": 77, "read": 77, "write": 77, "pool": 77}]
        assert api.calls.last.request.headers["User-Agent"] == "shop"

    async def test_calls_after_its_owner_closed_it_are_rejected(self):
        """A call after the httpx client was closed raises ClientStateError."""
        http_client = httpx.AsyncClient()
        async with AsyncIntegrationClient(BASE_URL, api_key="k", http_client=http_client) as client:
            await http_client.aclose()
            with pytest.raises(ClientStateError, match="httpx client it was given is closed"):
                await client.customers.delete_customer_data("c-1")


class TestOptions:
    """``with_options`` returns a client with other options on the same pool."""

    async def test_headers_are_added_for_the_derived_client_only(self, api, client):
        """Headers of a derived client are not sent by the client that it was derived from."""
        route = api.delete("/v1/customer_data/c-1").respond(204)
        await client.customers.delete_customer_data("c-1")
        derived = client.with_options(headers={"X-Trace": "t"}).with_options(headers={"X-More": "m"})
        await derived.customers.delete_customer_data("c-1")
        await client.customers.delete_customer_data("c-1")
        sent = [(call.request.headers.get("X-Trace"), call.request.headers.get("X-More")) for call in route.calls]
        assert sent == [(None, None), ("t", "m"), (None, None)]

    async def test_timeouts_replace_the_client_s(self, api, client):
        """Timeouts of a derived client replace those of the client that it was derived from."""
        route = api.delete("/v1/customer_data/c-1").respond(204)
        await client.with_options(
            timeouts=Timeouts(connect=1, pool=None, write=3, read=4)
        ).customers.delete_customer_data("c-1")
        await client.customers.delete_customer_data("c-1")
        assert [call.request.extensions["timeout"] for call in route.calls] == [
            {"connect": 1, "pool": None, "write": 3, "read": 4},
            {"connect": 2, "pool": None, "write": 5, "read": 10},
        ]

    async def test_closing_the_client_closes_derived_ones(self, client):
        """A derived client is closed together with the client that it was derived from."""
        derived = client.with_options(headers={"X-Trace": "t"})
        await client.aclose()
        with pytest.raises(ClientStateError, match="is closed"):
            await derived.customers.delete_customer_data("c-1")

    async def test_a_header_is_replaced_in_any_spelling(self, api):
        """A derived client's header replaces one that differs in upper and lower case only."""
        route = api.delete("/v1/customer_data/c-1").respond(204)
        async with AsyncIntegrationClient(BASE_URL, api_key="k", headers={"X-Tenant": "1"}) as client:
            await client.with_options(headers={"x-tenant": "2"}).customers.delete_customer_data("c-1")
        assert route.calls.last.request.headers.get_list("X-Tenant") == ["2"]

    async def test_a_derived_client_keeps_class_and_attributes(self):
        """A client derived from a subclass is of that class and has its attributes."""

        class TenantClient(AsyncIntegrationClient):
            tenant = ""

        client = TenantClient(BASE_URL, api_key="k")
        client.tenant = "acme"
        groups = client.coupons
        derived = client.with_options(headers={"X-Trace": "t"})
        assert (type(derived), derived.tenant) == (TenantClient, "acme")
        assert derived.coupons is not groups

    async def test_a_reserved_header_is_rejected(self, client):
        """``Authorization`` among the headers raises ValueError."""
        with pytest.raises(ValueError, match="Authorization is set by the client"):
            client.with_options(headers={"Authorization": "x"})


async def test_middleware_stands_around_every_request(api):
    """The first middleware is the outermost, and each sees the operation, the request and the response."""
    seen = []

    def step(name):
        async def around(exchange, call_next):
            seen.append((name, exchange.operation.operation_id))
            answer = await call_next(exchange)
            seen.append((name, answer.status_code))
            return answer

        return around

    api.delete("/v1/customer_data/c-1").respond(404)
    async with AsyncIntegrationClient(BASE_URL, api_key="k", middleware=[step("a"), step("b")]) as client:
        with pytest.raises(NotFoundError):
            await client.with_options(headers={"X-T": "t"}).customers.delete_customer_data("c-1")
    assert seen == [("a", "deleteCustomerData"), ("b", "deleteCustomerData"), ("b", 404), ("a", 404)]
