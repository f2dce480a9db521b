package dev.tutti.link.hub;

import dev.tutti.core.Time;
import dev.tutti.link.Connections;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.link.LinkSecurity;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.trust.NodeTrust;
import dev.tutti.link.trust.OneKey;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens for agents and gives each call to its session. Link loop.
final class NodeServer {
  private static final Logger log = LoggerFactory.getLogger(NodeServer.class);

  private static final Set<String> PATHS =
      Set.of(
          "/" + LinkMethods.ENROL.fullMethodName(),
          "/" + LinkMethods.RENEW.fullMethodName(),
          "/" + LinkMethods.PULSE.fullMethodName(),
          "/" + LinkMethods.SLOT.fullMethodName());

  private final Vertx vertx;
  private final Loop loop;
  private final Time time;
  private final Roster roster;
  private final Executor owner;
  private final Map<HttpConnection, HubConnection> connections = new HashMap<>();
  private final Authority authority;
  private final Pulses pulses;
  private final EnrolCalls enrolCalls;
  private final Doorstep handshakes;
  private final Doorstep strangers;
  private Time.@Nullable Timer looking;
  private @Nullable HttpServer http;
  private volatile int port;

  NodeServer(
      Vertx vertx,
      Loop loop,
      Time time,
      Roster roster,
      Executor owner,
      Authority authority,
      String hubId) {
    this.vertx = vertx;
    this.loop = loop;
    this.time = time;
    this.roster = roster;
    this.owner = owner;
    this.authority = authority;
    this.pulses = new Pulses(time, owner);
    this.enrolCalls =
        new EnrolCalls(
            vertx, loop, time, roster, owner, authority, hubId, connections::containsKey);
    this.handshakes =
        new Doorstep(
            time,
            LinkLimits.MAX_HANDSHAKES,
            LinkLimits.MAX_HANDSHAKES_PER_ADDRESS,
            LinkLimits.HANDSHAKE.plus(LinkLimits.GREETING));
    this.strangers =
        new Doorstep(
            time,
            LinkLimits.MAX_STRANGERS,
            LinkLimits.MAX_STRANGERS_PER_ADDRESS,
            LinkLimits.GREETING);
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
            .callHandler(LinkMethods.RENEW, this::renew)
            .callHandler(LinkMethods.PULSE, this::pulse)
            .callHandler(LinkMethods.SLOT, this::slot);
    HttpServer server =
        vertx
            .createHttpServer(Connections.server(security(), handshakes::came))
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

  private LinkSecurity security() {
    return new LinkSecurity(
        new OneKey(authority::hub),
        new NodeTrust(authority.state().mesh(), authority::pins, time::now));
  }

  private void look() {
    List.copyOf(connections.values()).forEach(HubConnection::look);
    handshakes.look();
    strangers.look();
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
    Channel channel = Connections.channel(connection);
    handshakes.left(channel);
    Peer peer = Peer.of(connection.sslSession(), authority.pins(), time.now());
    if (connections.size() >= LinkLimits.MAX_CONNECTIONS) {
      log.warn("Connection refused: too many. address={}", connection.remoteAddress());
      connection.close();
      return;
    }
    if (!peer.mayWork()) {
      strangers.came(channel);
    }
    Connections.holdWhatWindowsAllow(connection);
    var session = new HubConnection(connection, peer, time);
    connections.put(connection, session);
    connection.exceptionHandler(
        cause -> log.debug("Connection failed. address={}", session.address(), cause));
    connection.closeHandler(_ -> {
      connections.remove(connection);
      session.closed();
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
    enrolCalls.enrol(request, connection(request));
  }

  private void renew(GrpcServerRequest<Buffer, Buffer> request) {
    enrolCalls.renew(request, connection(request));
  }

  /// From the owner: somebody may not be here any more. There is a moment to tell it so.
  void drop(UUID uuid) {
    loop.execute(() -> time.after(LinkLimits.FAREWELL, () -> close(uuid)));
  }

  private void close(UUID uuid) {
    List.copyOf(connections.values()).stream()
        .filter(open -> open.peer().uuid().filter(uuid::equals).isPresent())
        .forEach(HubConnection::close);
  }
}
