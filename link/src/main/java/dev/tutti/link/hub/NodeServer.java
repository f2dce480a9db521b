package dev.tutti.link.hub;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.core.Time;
import dev.tutti.link.Connections;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.wire.node.EnrolReply;
import dev.tutti.wire.node.EnrolRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens for agents and gives each call to its session. Link loop.
final class NodeServer {
  private static final Logger log = LoggerFactory.getLogger(NodeServer.class);

  /// Connections of strangers at a time.
  private static final int MAX_STRANGERS = 64;

  private static final Set<String> PATHS =
      Set.of(
          "/" + LinkMethods.ENROL.fullMethodName(),
          "/" + LinkMethods.PULSE.fullMethodName(),
          "/" + LinkMethods.SLOT.fullMethodName());

  private final Vertx vertx;
  private final Loop loop;
  private final Time time;
  private final Roster roster;
  private final Executor owner;
  private final Map<HttpConnection, HubConnection> connections = new HashMap<>();
  private final Pulses pulses;
  private Time.@Nullable Timer looking;
  private int strangers;
  private @Nullable HttpServer http;
  private volatile int port;

  NodeServer(Vertx vertx, Loop loop, Time time, Roster roster, Executor owner) {
    this.vertx = vertx;
    this.loop = loop;
    this.time = time;
    this.roster = roster;
    this.owner = owner;
    this.pulses = new Pulses(time, owner);
  }

  int port() {
    return port;
  }

  /// Binds the address.
  Future<?> listen(HubLinkOptions options) {
    GrpcServer grpc =
        GrpcServer.server(
                vertx,
                new GrpcServerOptions()
                    .setMaxMessageSize(LinkLimits.MAX_MESSAGE_BYTES)
                    .removeEnabledProtocol(GrpcProtocol.WEB)
                    .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
                    .removeEnabledProtocol(GrpcProtocol.TRANSCODING))
            .callHandler(LinkMethods.ENROL, this::enrol)
            .callHandler(LinkMethods.PULSE, this::pulse)
            .callHandler(LinkMethods.SLOT, this::slot);
    HttpServer server =
        vertx
            .createHttpServer(Connections.server(options.security()))
            .connectionHandler(this::connected)
            .requestHandler(request -> admit(request, grpc));
    http = server;
    return server
        .listen(options.port(), options.host())
        .onSuccess(bound -> {
          port = bound.actualPort();
          log.info("Listening for agents. host={} port={}", options.host(), port);
          look();
        });
  }

  private void look() {
    List.copyOf(connections.values()).forEach(HubConnection::look);
    pulses.look();
    looking = time.after(LinkLimits.LOOK_EVERY, this::look);
  }

  /// Ends every connection, then stops listening.
  Future<?> close() {
    HttpServer listening = http;
    Time.Timer look = looking;
    if (look != null) {
      look.cancel();
    }
    List<Future<Void>> closing =
        List.copyOf(connections.keySet()).stream().map(HttpConnection::close).toList();
    return Future.join(closing)
        .transform(_ -> listening == null ? Future.succeededFuture() : listening.close());
  }

  private void connected(HttpConnection connection) {
    if (connections.size() >= LinkLimits.MAX_CONNECTIONS || strangers >= MAX_STRANGERS) {
      log.warn("Connection refused: too many. address={}", connection.remoteAddress());
      connection.close();
      return;
    }
    strangers++;
    var session = new HubConnection(connection, time, () -> strangers--);
    connections.put(connection, session);
    connection.exceptionHandler(
        cause -> log.debug("Connection failed. address={}", session.address(), cause));
    connection.closeHandler(_ -> {
      connections.remove(connection);
      session.closed();
      if (session.isStranger()) {
        strangers--;
      }
    });
  }

  private void admit(HttpServerRequest request, GrpcServer grpc) {
    if (request.version() != HttpVersion.HTTP_2 || !connections.containsKey(request.connection())) {
      request.connection().close();
    } else if (!PATHS.contains(request.path())
        || !"identity".equals(request.getHeader("grpc-encoding"))) {
      // Without a named encoding a message that claims to be compressed could be neither read nor
      // skipped, and everything after it would pile up.
      request.response().setStatusCode(415).end();
    } else {
      grpc.handle(request);
    }
  }

  private HubConnection connection(GrpcServerRequest<Buffer, Buffer> request) {
    HubConnection known = connections.get(request.connection());
    if (known == null) {
      throw new IllegalStateException("connection: unknown (expected: a counted one)");
    }
    return known;
  }

  private void pulse(GrpcServerRequest<Buffer, Buffer> request) {
    new PulseSession(request, connection(request), loop, time, pulses, roster, owner).begin();
  }

  private void slot(GrpcServerRequest<Buffer, Buffer> request) {
    new SlotSession(request, connection(request), loop, time, pulses, roster, owner).begin();
  }

  private void enrol(GrpcServerRequest<Buffer, Buffer> request) {
    HubConnection connection = connection(request);
    var response = request.response();
    response.encoding("identity");
    request.errorHandler(_ -> {});
    if (!connection.mayEnrol()) {
      response.status(GrpcStatus.RESOURCE_EXHAUSTED).end();
      return;
    }
    request
        .last()
        .onFailure(_ -> response.cancel())
        .onSuccess(bytes -> {
          EnrolRequest wish;
          try {
            wish = EnrolRequest.parseFrom(bytes.getBytes());
          } catch (InvalidProtocolBufferException _) {
            response.cancel();
            return;
          }
          var application = application(wish, connection.address());
          owner.execute(() -> answer(request, roster.enrol(application)));
        });
  }

  private void answer(GrpcServerRequest<Buffer, Buffer> request, EnrolReply reply) {
    loop.execute(() -> {
      if (connections.containsKey(request.connection())) {
        request.response().end(LinkMethods.bytes(reply));
      }
    });
  }

  private static NodeAdmission.Application application(EnrolRequest wish, String address) {
    return new NodeAdmission.Application(
        wish.getNodeId(),
        wish.getToken(),
        wish.getMachineKey(),
        wish.getHost(),
        wish.getVersion(),
        wish.getPendingId(),
        address);
  }
}
