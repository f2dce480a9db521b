package dev.tutti.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.tutti.access.PeerAddress;
import dev.tutti.access.Presented;
import dev.tutti.access.Principal;
import dev.tutti.access.Resolution;
import dev.tutti.access.audit.Actor;
import dev.tutti.access.audit.AuditAction;
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
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

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

  private static final int NOT_FOUND = 404;
  private static final int PULSES_PER_LIMIT = 3;
  private static final byte[] PING = new byte[8];

  private static final ServiceName SERVICE = ServiceName.create("tutti.mesh.v1.Mesh");

  private final GatewayParts parts;
  private final GatewayLimits limits;
  private final BodyBudget budget;
  private final HttpServer server;
  private final ClientConnections connections;
  private final Entrance entrance;
  private final Guests guests;
  private boolean closed;

  /// The request whose call is being opened, since a call does not tell of it.
  private @Nullable HttpServerRequest arriving;

  ClientGrpc(
      Vertx vertx,
      GatewayParts parts,
      GatewayOptions options,
      BodyBudget budget,
      Entrance entrance,
      Guests guests) {
    this.parts = parts;
    this.limits = options.limits();
    this.budget = budget;
    this.entrance = entrance;
    this.guests = guests;
    this.connections = new ClientConnections(parts.time(), limits.connections());
    var grpcOptions =
        new GrpcServerOptions()
            .setMaxMessageSize(MAX_MESSAGE_BYTES)
            .removeEnabledProtocol(GrpcProtocol.WEB)
            .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
            .removeEnabledProtocol(GrpcProtocol.TRANSCODING);
    GrpcServer grpc = GrpcServer.server(vertx, grpcOptions);
    grpc.callHandler(
        method("Submit"),
        call -> once(call, Route.Access.INFER, SubmitRequest.parser(), this::submit));
    grpc.callHandler(
        method("Watch"),
        call -> once(call, Route.Access.ADMIN, WatchRequest.parser(), this::watch));
    server =
        vertx
            .createHttpServer(serverOptions(options))
            .connectionHandler(connections::opened)
            .requestHandler(request -> {
              connections.began(request.connection());
              request.response().endHandler(_ -> connections.ended(request.connection()));
              if (isCall(request)) {
                arriving = request;
                grpc.handle(request);
                arriving = null;
              } else {
                request.response().setStatusCode(NOT_FOUND).end();
              }
            });
  }

  private static HttpServerOptions serverOptions(GatewayOptions options) {
    GatewayLimits.Connections limits = options.limits().connections();
    var settings =
        new Http2Settings()
            .setMaxConcurrentStreams(MAX_CALLS)
            .setMaxHeaderListSize(limits.maxHeaderBytes());
    var server =
        new HttpServerOptions()
            .setInitialSettings(settings)
            .setMaxHeaderSize(limits.maxHeaderBytes())
            .setMaxInitialLineLength(limits.maxLineBytes())
            // Before a client's first settings nobody counts its connection; and while it has a
            // call, pings keep it from being idle.
            .setIdleTimeout((int) limits.idle().toMillis())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setHttp2RstFloodMaxRstFramePerWindow(limits.maxResets())
            .setHttp2RstFloodWindowDuration((int) limits.resetWindow().toSeconds())
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS);
    options
        .tls()
        .ifPresent(tls ->
            Gateway.encrypt(server, tls, limits)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2))
                .setInitialSettings(settings));
    return server;
  }

  /// Everything else is not even told what this port is for.
  private static boolean isCall(HttpServerRequest request) {
    String type = request.getHeader("content-type");
    return request.version() == HttpVersion.HTTP_2
        && request.method().equals(HttpMethod.POST)
        && type != null
        && type.startsWith("application/grpc");
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

  Future<Void> identify(GatewayOptions.Tls tls) {
    return Gateway.identify(server, tls);
  }

  Future<Void> close() {
    closed = true;
    connections.close();
    return server.close();
  }

  private void noteRefusal(
      GrpcServerRequest<Buffer, Buffer> call, ClientConnections.Peer peer, String who, String why) {
    String address = peer.address().map(PeerAddress::text).orElse("");
    parts
        .refusals()
        .refused(
            Actor.client(who, address),
            AuditAction.ACCESS_REFUSED,
            "gRPC " + call.fullMethodName(),
            why);
  }

  /// Reads the one message of a call and answers; a second message is ignored.
  private <M> void once(
      GrpcServerRequest<Buffer, Buffer> call,
      Route.Access access,
      Parser<M> parser,
      BiConsumer<Call, M> answer) {
    ClientConnections.Peer peer = connections.peerOf(call.connection());
    if (!entrance.answers(peer)) {
      end(call, GrpcStatus.PERMISSION_DENIED, "plain calls are answered on private networks only");
      return;
    }
    Principal who;
    switch (parts.keys().resolve(presented(call, peer), parts.time().now())) {
      case Resolution.Known(var known, _) -> who = known;
      case Resolution.Refused(var why) -> {
        noteRefusal(call, peer, "", why.message());
        end(call, GrpcStatus.UNAUTHENTICATED, why.message());
        return;
      }
    }
    if (!access.admits(who)) {
      String why = "the key may not do this (" + access.needed() + ")";
      noteRefusal(call, peer, who.name(), why);
      end(call, GrpcStatus.PERMISSION_DENIED, why);
      return;
    }
    HttpServerRequest head = Objects.requireNonNull(arriving, "a call without a request");
    var client = new Call(call, who);
    Runnable leave =
        guests.enter(
            who.keyId(),
            () -> {
              client.gone.forEach(Runnable::run);
              Severing.sever(head);
            });
    Time.Timer patience = patience(client);
    head.response()
        .endHandler(_ -> {
          leave.run();
          connections.ended(head.connection());
        })
        .closeHandler(_ -> leave.run());
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

  /// Ends a call that brings no message.
  private Time.Timer patience(Call client) {
    Time.Timer patience =
        parts
            .time()
            .after(
                limits.bodies().idle(),
                () -> end(client.call, GrpcStatus.DEADLINE_EXCEEDED, "no message came"));
    client.gone.add(patience::cancel);
    onGone(client.call, patience::cancel);
    return patience;
  }

  private static Presented presented(GrpcServerRequest<?, ?> call, ClientConnections.Peer peer) {
    return Presented.of(
        call.headers().get("authorization"),
        call.headers().get("x-api-key"),
        Optional.empty(),
        peer.address());
  }

  private void submit(Call client, SubmitRequest request) {
    var stream = new TaskEventStream(client.call, parts, limits);
    if (!budget.take(client.bytes)) {
      stream.failed(
          Failure.of(FailureCode.BUSY, Retry.SAFE_NOT_STARTED, "too many requests are in memory"));
      return;
    }
    stream.onOver(() -> budget.giveBack(client.bytes));
    client.gone.add(stream::clientGone);
    try {
      TaskId id = TaskId.random(parts.random());
      Task<Work> task =
          parts
              .admission()
              .admit(
                  client.who, GrpcRequests.task(id, client.who, request, parts.hub().queueTtl()));
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
              client.gone.add(subscription::cancel);
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
    private final Principal who;

    /// What ends when the call is ended from here.
    private final List<Runnable> gone = new ArrayList<>();

    private boolean asked;
    private int bytes;

    Call(GrpcServerRequest<Buffer, Buffer> call, Principal who) {
      this.call = call;
      this.who = who;
    }
  }
}
