package dev.tutti.gateway;

import dev.tutti.access.Globs;
import dev.tutti.access.Principal;
import dev.tutti.access.Scope;
import dev.tutti.access.audit.Actor;
import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.ErrorBodies;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One request and its answer. Everything that leaves the gateway before a stream begins goes
/// through here. Owner loop only.
final class Exchange {
  private static final Pattern REQUEST_ID = Pattern.compile("[\\x21-\\x7e]{1,200}");
  private static final int EXPECTATION_FAILED = 417;

  private final HttpServerRequest request;
  private final Surface surface;
  private final Optional<String> clientsId;
  private final List<Runnable> gone = new ArrayList<>();
  private String ownId;
  private String parameter = "";
  private Principal who = Principal.NOBODY;
  private Idempotency.@Nullable Asked asked;
  private @Nullable Recording recording;
  private boolean clientGone;
  private boolean ended;
  private Runnable onEnd = () -> {};
  private Consumer<Failure> failed = _ -> {};

  /// @param freshId what the request is called when its client gives it no name
  Exchange(HttpServerRequest request, Surface surface, String freshId) {
    this.request = request;
    this.surface = surface;
    this.ownId = freshId;
    this.clientsId = id("x-request-id").or(() -> id("request-id"));
    // A lost client is told in several ways, depending on what was under way; all mean the same.
    request.response().endHandler(_ -> end());
    request.response().closeHandler(_ -> leave());
    request.response().exceptionHandler(_ -> leave());
    request.exceptionHandler(_ -> leave());
  }

  /// What the request is called: by its client, else by us.
  String requestId() {
    return clientsId.orElse(ownId);
  }

  private Optional<String> id(String header) {
    return Optional.ofNullable(request.getHeader(header))
        .filter(id -> REQUEST_ID.matcher(id).matches());
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return request.response();
  }

  Surface surface() {
    return surface;
  }

  /// The pattern's decoded parameter, empty when it has none.
  String parameter() {
    return parameter;
  }

  /// Who asks; nobody on a path that is open to everybody.
  Principal who() {
    return who;
  }

  /// The name of who asks, empty where nobody needs one.
  String principal() {
    return who.name();
  }

  /// Whether who asks may see and change what belongs to others.
  boolean administrator() {
    return who.may(Scope.ADMIN);
  }

  /// Whether a model is one for who asks.
  boolean sees(ModelName model) {
    Globs models = who.rights().models();
    return models.match(model.value()) || models.match(model.tagged());
  }

  /// Who asks, as the audit log names them.
  Actor actor() {
    SocketAddress from = request.remoteAddress();
    String address = from == null ? null : from.hostAddress();
    return Actor.client(who.name(), address == null ? "" : address);
  }

  /// Remembers what routing and the doorkeeper found out.
  void admit(String parameter, Principal who) {
    this.parameter = parameter;
    this.who = who;
  }

  /// Remembers under which key the request came.
  void asked(Idempotency.Asked key) {
    asked = key;
  }

  /// Under which key the request came, if it has one.
  Idempotency.@Nullable Asked asked() {
    return asked;
  }

  /// From now on the answer is kept for those who ask for it again.
  void record(Recording recorded) {
    recording = recorded;
  }

  /// Where the answer is kept, if it is.
  @Nullable Recording recording() {
    return recording;
  }

  /// The request is work and has a name of its own by now.
  void named(TaskId task) {
    ownId = task.value();
  }

  /// A request header, when it is there and not blank.
  Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeader(name))
        .map(String::strip)
        .filter(v -> !v.isEmpty());
  }

  /// A query parameter, when it is there and not blank.
  ///
  /// @throws MeshException `INVALID_REQUEST` when its escapes are malformed
  Optional<String> query(String name) {
    return Optional.ofNullable(request.query())
        .flatMap(query -> Escapes.field("query", query, name))
        .map(String::strip)
        .filter(v -> !v.isEmpty());
  }

  /// Runs `action` when the client goes away before its answer is complete; at once when it has.
  void onGone(Runnable action) {
    if (clientGone) {
      action.run();
    } else {
      gone.add(action);
    }
  }

  /// Runs `action` once when the exchange is over, whichever way, after those that were given
  /// before.
  void onEnd(Runnable action) {
    Runnable before = onEnd;
    onEnd =
        () -> {
          before.run();
          action.run();
        };
  }

  private void end() {
    if (!ended) {
      ended = true;
      onEnd.run();
    }
  }

  /// Whether the client has gone away or has its whole answer.
  boolean isOver() {
    return clientGone || response().ended() || response().closed();
  }

  /// Answers with a JSON document.
  void json(int status, Object document) {
    send(status, ErrorBodies.JSON, JsonText.bytes(document));
  }

  /// Answers with a document.
  void send(int status, String contentType, byte[] body) {
    if (recording != null) {
      recording.whole(status, contentType, response(), body);
    }
    if (!isOver()) {
      deliver(status, contentType, body);
    }
  }

  private void deliver(int status, String contentType, byte[] body) {
    HttpServerResponse response = response();
    response.setStatusCode(status).putHeader("content-type", contentType);
    common();
    if (request.method().equals(HttpMethod.HEAD)) {
      // Vert.x sets no length for HEAD by itself.
      response.putHeader("content-length", Integer.toString(body.length));
      response.end();
    } else {
      response.end(Buffer.buffer(body));
    }
  }

  /// Answers with a status and nothing else.
  void empty(int status) {
    if (!isOver()) {
      common();
      response().setStatusCode(status).end();
    }
  }

  /// Refuses in the surface's own shape.
  void fail(Failure failure) {
    refuse(failure, Refusals.of(surface, failure, requestId()));
  }

  /// Refuses a request whose client expects what is not to be had.
  void failExpectation() {
    Failure failure = Failure.invalid("expect: not understood (expected: 100-continue)");
    ErrorBodies.ErrorAnswer usual = Refusals.of(surface, failure, requestId());
    refuse(failure, new ErrorBodies.ErrorAnswer(EXPECTATION_FAILED, usual.headers(), usual.body()));
  }

  /// Who is told when this request fails.
  void onFailure(Consumer<Failure> listener) {
    failed = listener;
  }

  private void refuse(Failure failure, ErrorBodies.ErrorAnswer refusal) {
    if (recording != null) {
      recording.failed(failure);
    }
    if (isOver()) {
      return;
    }
    failed.accept(failure);
    Refusals.headers(failure).forEach(response()::putHeader);
    refusal.headers().forEach(response()::putHeader);
    deliver(refusal.status(), ErrorBodies.JSON, refusal.body());
  }

  /// Headers of every answer: what the request is called, under both names that clients look for.
  void common() {
    String id = requestId();
    response().putHeader("x-request-id", id);
    response().putHeader("request-id", id);
    response().putHeader("x-content-type-options", "nosniff");
  }

  /// Runs what belongs to this request and turns what it throws into a refusal.
  void guarded(Consumer<Exchange> work) {
    try {
      work.accept(this);
    } catch (MeshException e) {
      fail(e.failure());
    } catch (RuntimeException | Error e) {
      // Whatever it is, a client that waits must be told.
      fail(Faults.bug("request", request.path(), e));
    }
  }

  /// Breaks the connection, so that the client cannot take what it has for the whole.
  void sever() {
    Severing.sever(request);
  }

  private void leave() {
    if (clientGone) {
      return;
    }
    clientGone = true;
    List<Runnable> actions = List.copyOf(gone);
    gone.clear();
    actions.forEach(Runnable::run);
    end();
  }
}
