package dev.tutti.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Task;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.telemetry.FeedEvent;
import dev.tutti.wire.mesh.MeshEvent;
import dev.tutti.wire.mesh.SubmitRequest;
import dev.tutti.wire.mesh.WatchRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/// The gRPC edge for clients: `Submit` and `Watch` of `mesh.proto`, with the keys of the HTTP edge.
/// Runs on the owner's loop.
///
/// Calls carry bare bytes and messages are read here, so that a compressed message is refused
/// before anybody inflates it.
final class ClientGrpc {
  /// The largest message, in bytes: a handful of pictures.
  static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

  /// Calls at a time on one connection.
  static final int MAX_CALLS = 256;

  private static final int PULSES_PER_LIMIT = 3;
  private static final byte[] PING = new byte[8];

  private static final ServiceName SERVICE = ServiceName.create("tutti.mesh.v1.Mesh");

  private final GatewayParts parts;
  private final GatewayLimits limits;
  private final BodyBudget budget;
  private final HttpServer server;
  private final ClientConnections connections;
  private boolean closed;

  ClientGrpc(Vertx vertx, GatewayParts parts, GatewayLimits limits, BodyBudget budget) {
    this.parts = parts;
    this.limits = limits;
    this.budget = budget;
    this.connections = new ClientConnections(parts.time(), limits.connections());
    var grpcOptions =
        new GrpcServerOptions()
            .setMaxMessageSize(MAX_MESSAGE_BYTES)
            .removeEnabledProtocol(GrpcProtocol.WEB)
            .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
            .removeEnabledProtocol(GrpcProtocol.TRANSCODING);
    GrpcServer grpc = GrpcServer.server(vertx, grpcOptions);
    grpc.callHandler(method("Submit"), call -> once(call, SubmitRequest.parser(), this::submit));
    grpc.callHandler(method("Watch"), call -> once(call, WatchRequest.parser(), this::watch));
    server =
        vertx
            .createHttpServer(options(limits.connections()))
            .connectionHandler(connections::opened)
            .requestHandler(request -> {
              connections.began(request.connection());
              request.response().endHandler(_ -> connections.ended(request.connection()));
              grpc.handle(request);
            });
  }

  private static HttpServerOptions options(GatewayLimits.Connections limits) {
    return new HttpServerOptions()
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(MAX_CALLS)
                .setMaxHeaderListSize(limits.maxHeaderBytes()))
        .setMaxHeaderSize(limits.maxHeaderBytes())
        .setMaxInitialLineLength(limits.maxLineBytes())
        // Before a client's first settings nobody counts its connection; and while it has a call,
        // pings keep it from being idle.
        .setIdleTimeout((int) limits.idle().toMillis())
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setHttp2RstFloodMaxRstFramePerWindow(limits.maxResets())
        .setHttp2RstFloodWindowDuration((int) limits.resetWindow().toSeconds())
        .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS);
  }

  /// The bytes of each call in both directions.
  static ServiceMethod<Buffer, Buffer> method(String name) {
    return ServiceMethod.server(
        SERVICE, name, GrpcMessageEncoder.IDENTITY, GrpcMessageDecoder.IDENTITY);
  }

  Future<Void> listen(int port, String host) {
    return server
        .listen(port, host)
        .<Void>map(_ -> {
          connections.start();
          pulse();
          return null;
        });
  }

  private void pulse() {
    parts
        .time()
        .after(
            limits.connections().idle().dividedBy(PULSES_PER_LIMIT),
            () -> {
              connections.forEachBusy(connection -> connection.ping(Buffer.buffer(PING)));
              if (!closed) {
                pulse();
              }
            });
  }

  int port() {
    return server.actualPort();
  }

  Future<Void> close() {
    closed = true;
    connections.close();
    return server.close();
  }

  /// Reads the one message of a call and answers; a second message is ignored.
  private <M> void once(
      GrpcServerRequest<Buffer, Buffer> call, Parser<M> parser, BiConsumer<Call, M> answer) {
    var client = new Call(call);
    Optional<String> principal = admitted(call);
    if (principal.isEmpty()) {
      end(call, GrpcStatus.UNAUTHENTICATED, "a key is needed");
      return;
    }
    client.principal = principal.get();
    Time.Timer patience =
        parts
            .time()
            .after(
                limits.bodies().idle(),
                () -> end(call, GrpcStatus.DEADLINE_EXCEEDED, "no message came"));
    onGone(call, patience::cancel);
    call.invalidMessageHandler(_ -> end(call, GrpcStatus.RESOURCE_EXHAUSTED, "message too large"));
    call.messageHandler(message -> {
      if (client.asked) {
        return;
      }
      client.asked = true;
      patience.cancel();
      if (!message.encoding().equals("identity")) {
        end(call, GrpcStatus.UNIMPLEMENTED, "compressed messages are not read");
        return;
      }
      M request;
      try {
        request = parser.parseFrom(message.payload().getBytes());
      } catch (InvalidProtocolBufferException _) {
        end(call, GrpcStatus.INVALID_ARGUMENT, "bytes that are no such message");
        return;
      }
      client.bytes = message.payload().length();
      answer.accept(client, request);
    });
  }

  private Optional<String> admitted(GrpcServerRequest<?, ?> call) {
    Optional<String> key =
        Optional.ofNullable(call.headers().get("authorization"))
            .filter(value -> value.regionMatches(true, 0, "bearer ", 0, 7))
            .map(value -> value.substring(7).strip())
            .or(() -> Optional.ofNullable(call.headers().get("x-api-key")));
    return switch (parts.keys().check(key)) {
      case KeyCheck.Verdict.Admitted(var principal, _) -> Optional.of(principal);
      case KeyCheck.Verdict.Refused() -> Optional.empty();
    };
  }

  private void submit(Call client, SubmitRequest request) {
    var stream = new TaskEventStream(client.call, parts, limits);
    if (!budget.take(client.bytes)) {
      stream.failed(
          Failure.of(FailureCode.BUSY, Retry.SAFE_NOT_STARTED, "too many requests are in memory"));
      return;
    }
    stream.onOver(() -> budget.giveBack(client.bytes));
    try {
      TaskId id = TaskId.random(parts.random());
      Task<Work> task = GrpcRequests.task(id, client.principal, request, parts.hub().queueTtl());
      stream.names(id);
      stream.holds(parts.dispatcher().submit(task, stream));
    } catch (MeshException e) {
      stream.failed(e.failure());
    } catch (RuntimeException | Error e) {
      stream.failed(Faults.bug("call", "Submit", e));
    }
  }

  private void watch(Call client, WatchRequest request) {
    EventFeed feed = parts.feed();
    long after = request.getAfterId() == 0 ? feed.lastId() : Math.max(0, request.getAfterId());
    var response = client.call.response();
    feed.subscribe(
            after,
            event -> {
              response.write(Buffer.buffer(message(event).toByteArray()));
              return !response.writeQueueFull();
            })
        .ifPresentOrElse(
            subscription -> {
              response.drainHandler(_ -> subscription.resume());
              onGone(client.call, subscription::cancel);
            },
            () -> end(client.call, GrpcStatus.RESOURCE_EXHAUSTED, "too many watch the events"));
  }

  private static MeshEvent message(FeedEvent event) {
    return MeshEvent.newBuilder()
        .setId(event.id())
        .setKind(event.kind().wireName())
        .setJson(JsonText.text(event.toMap()))
        .build();
  }

  /// Runs `action` when the client cancels the call or its connection is lost. May run twice.
  static void onGone(GrpcServerRequest<Buffer, Buffer> call, Runnable action) {
    call.errorHandler(_ -> action.run());
    call.exceptionHandler(_ -> action.run());
    call.response().exceptionHandler(_ -> action.run());
  }

  private static void end(
      GrpcServerRequest<Buffer, Buffer> call, GrpcStatus status, String message) {
    call.response().status(status).statusMessage(message).end();
  }

  private static final class Call {
    private final GrpcServerRequest<Buffer, Buffer> call;
    private String principal = "";
    private boolean asked;
    private int bytes;

    Call(GrpcServerRequest<Buffer, Buffer> call) {
      this.call = call;
    }
  }
}
