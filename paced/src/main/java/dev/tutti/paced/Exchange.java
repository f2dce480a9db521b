package dev.tutti.paced;

import dev.tutti.core.FailureCode;
import io.netty.channel.ChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.VertxConnection;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One request that has been read to its end, and its answer.
final class Exchange {
  /// The header that every answer of a simulated engine has.
  static final String SIMULATED_HEADER = "x-tutti-simulated";

  static final String JSON_TYPE = "application/json";

  /// How much a wrong content length promises beyond the body, in bytes.
  private static final int MISSING_BYTES = 64;

  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpServerRequest request;
  private final Buffer body;
  private final Fault fault;

  Exchange(HttpServerRequest request, Buffer body, Fault fault) {
    this.request = request;
    this.body = body;
    this.fault = fault;
  }

  HttpServerResponse response() {
    return request.response();
  }

  String path() {
    String path = request.path();
    return path == null ? "" : path;
  }

  Dialect dialect() {
    return Dialect.of(path());
  }

  Fault fault() {
    return fault;
  }

  boolean hasHeader(String name) {
    return request.headers().contains(name);
  }

  boolean hasQuery(String name, String value) {
    return value.equals(request.getParam(name));
  }

  /// Whether this is a reading request (GET or HEAD) for `path`.
  boolean reads(String path) {
    boolean reading =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    return matches(path, reading);
  }

  /// Whether this is a POST to `path`.
  boolean posts(String path) {
    return matches(path, request.method().equals(HttpMethod.POST));
  }

  /// Whether this is a DELETE of `path`.
  boolean deletes(String path) {
    return matches(path, request.method().equals(HttpMethod.DELETE));
  }

  /// Whether only the head of an answer is asked for.
  boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  /// Whether a body was sent to be kept.
  boolean isPost() {
    return request.method().equals(HttpMethod.POST);
  }

  /// The body as it came.
  byte[] bytes() {
    return body.getBytes();
  }

  private boolean matches(String path, boolean rightMethod) {
    if (!path().equals(path)) {
      return false;
    }
    if (!rightMethod) {
      throw Machine.refusal(
          FailureCode.METHOD_NOT_ALLOWED, request.method() + " is not allowed on " + path);
    }
    return true;
  }

  /// The body as a JSON object.
  JsonNode json() {
    try {
      JsonNode node = JSON.readTree(body.getBytes());
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException _) {
      // said below
    }
    throw Machine.refusal(FailureCode.INVALID_REQUEST, "body: no JSON object (expected: one)");
  }

  void answer(int status, JsonNode json) {
    answer(status, JSON_TYPE, json.toString());
  }

  void answer(int status, String type, String text) {
    if (response().closed() || response().ended()) {
      return;
    }
    Buffer bytes = Buffer.buffer(text.getBytes(StandardCharsets.UTF_8));
    response().setStatusCode(status).putHeader("content-type", type);
    if (fault.kind() == Fault.Kind.WRONG_LENGTH) {
      response().putHeader("content-length", Integer.toString(bytes.length() + MISSING_BYTES));
      response().write(bytes).onComplete(_ -> request.connection().close());
    } else {
      response().end(bytes);
    }
  }

  void error(int status, String message) {
    answer(status, dialect().error(status, message));
  }

  /// Closes the connection in good order, whatever was said so far.
  void close() {
    request.connection().close();
  }

  /// Resets the connection: the other side sees an error, not an end.
  void reset() {
    if (request.connection() instanceof VertxConnection connection) {
      connection.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    request.connection().close();
  }
}
