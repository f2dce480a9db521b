package dev.tutti.gateway;

import dev.tutti.access.Principal;
import dev.tutti.access.Resolution;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP edge: listens, keeps out who must stay out, and gives each request to its endpoint.
///
/// It runs on the owner's loop, so that a request crosses no thread on its way to the dispatcher
/// and back.
public final class Gateway {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  /// Refusals that are written down.
  private static final Set<FailureCode> NOTED =
      EnumSet.of(FailureCode.UNAUTHENTICATED, FailureCode.FORBIDDEN, FailureCode.MISDIRECTED);

  private static final Pattern SLASHES = Pattern.compile("/{2,}");

  private final GatewayParts parts;
  private final Context owner;
  private final HttpServer server;
  private final Routes routes;
  private final ClientConnections connections;
  private final Entrance entrance;
  private final BrowserPages pages;
  private final Guests guests;
  private final Optional<ClientGrpc> grpc;

  private Gateway(
      GatewayParts parts,
      Context owner,
      HttpServer server,
      Routes routes,
      ClientConnections connections,
      Entrance entrance,
      BrowserPages pages,
      Guests guests,
      Optional<ClientGrpc> grpc) {
    this.parts = parts;
    this.owner = owner;
    this.server = server;
    this.routes = routes;
    this.connections = connections;
    this.entrance = entrance;
    this.pages = pages;
    this.guests = guests;
    this.grpc = grpc;
  }

  /// Starts to listen. The future fails when a port cannot be had; nothing is left open then.
  ///
  /// @param owner the context of the owner's loop
  public static Future<Gateway> start(
      Vertx vertx, Context owner, GatewayOptions options, GatewayParts parts) {
    Promise<Gateway> started = Promise.promise();
    owner.runOnContext(_ -> open(vertx, owner, options, parts).onComplete(started));
    return started.future();
  }

  private static Future<Gateway> open(
      Vertx vertx, Context owner, GatewayOptions options, GatewayParts parts) {
    GatewayLimits limits = options.limits();
    var connections = new ClientConnections(parts.time(), limits.connections());
    var budget = new BodyBudget(limits.bodies().maxBufferedBytes());
    var guests = new Guests(parts.keys(), parts.time());
    var entrance = new Entrance(parts.keys(), new Cors(options.origins()), options, parts.time());
    var events = new EventStreams(parts.feed(), parts.time(), limits);
    var decoder = new BodyDecoder(parts.offLoop(), owner, budget, limits.bodies().maxDecodings());
    Function<Exchange, BodyReader> bodies =
        exchange -> new BodyReader(exchange, parts.time(), limits.bodies(), budget, decoder);
    var work = new WorkEndpoint(parts, limits, bodies, owner);
    var pages = new BrowserPages(parts, options.tls().isPresent(), bodies);
    var all = new ArrayList<Route>(pages.routes());
    all.addAll(new VitalsEndpoints(parts, connections, budget).routes());
    all.addAll(new OpenAiEndpoints(parts, work).routes());
    all.addAll(new AnthropicEndpoints(parts, work).routes());
    all.addAll(new OllamaEndpoints(parts, work, bodies, limits, owner).routes());
    all.addAll(new EngineEndpoints(parts, limits, bodies).routes());
    all.addAll(new MeshEndpoints(parts, events).routes());
    all.addAll(new MeshCommands(parts, bodies).routes());
    all.addAll(new KeyEndpoints(parts, bodies).routes());
    all.addAll(new BudgetEndpoint(parts).routes());
    var answers = new WorkAnswers(parts, limits, bodies, owner);
    all.addAll(new FileEndpoints(parts, answers).routes());
    all.addAll(new BatchEndpoints(parts, answers).routes());
    all.addAll(new TaskEndpoints(parts, answers, limits).routes());

    HttpServer server = vertx.createHttpServer(serverOptions(options));
    Optional<ClientGrpc> grpc =
        options.grpcPort() == GatewayOptions.NO_GRPC
            ? Optional.empty()
            : Optional.of(new ClientGrpc(vertx, parts, options, budget, entrance, guests));
    var gateway =
        new Gateway(
            parts, owner, server, new Routes(all), connections, entrance, pages, guests, grpc);
    server.connectionHandler(connections::opened);
    server.requestHandler(gateway::handle);
    server.invalidRequestHandler(gateway::invalid);
    server.exceptionHandler(fault -> LOG.debug("A client connection failed.", fault));
    return server
        .listen(options.port(), options.host())
        .compose(_ ->
            grpc.map(each -> each.listen(options.grpcPort(), options.host()))
                .orElse(Future.succeededFuture()))
        .<Gateway>map(_ -> {
          connections.start();
          return gateway;
        })
        .recover(fault -> server.close().transform(_ -> Future.failedFuture(fault)));
  }

  private static HttpServerOptions serverOptions(GatewayOptions options) {
    GatewayLimits.Connections limits = options.limits().connections();
    var server =
        new HttpServerOptions()
            // Without TLS only HTTP/1.1 is spoken; a client's offer of HTTP/2 is ignored.
            .setHttp2ClearTextEnabled(false)
            .setHandle100ContinueAutomatically(false)
            .setCompressionSupported(false)
            .setDecompressionSupported(false)
            .setMaxHeaderSize(limits.maxHeaderBytes())
            .setMaxInitialLineLength(limits.maxLineBytes())
            .setMaxWebSocketFrameSize(SmallJson.MAX_BYTES)
            .setMaxWebSocketMessageSize(SmallJson.MAX_BYTES)
            .setTcpNoDelay(true);
    options.tls().ifPresent(tls -> encrypt(server, tls, limits));
    return server;
  }

  /// Has a port speak TLS.
  static HttpServerOptions encrypt(
      HttpServerOptions server, GatewayOptions.Tls tls, GatewayLimits.Connections limits) {
    return server
        .setSsl(true)
        .setKeyCertOptions(files(tls))
        .setUseAlpn(true)
        .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
        .setSslHandshakeTimeout(limits.handshake().toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(limits.maxStreams())
                .setMaxHeaderListSize(limits.maxHeaderBytes()))
        .setHttp2RstFloodMaxRstFramePerWindow(limits.maxResets())
        .setHttp2RstFloodWindowDuration((int) limits.resetWindow().toSeconds())
        .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS);
  }

  /// Every endpoint there is.
  List<Route> routes() {
    return routes.all();
  }

  /// The port that clients connect to.
  public int port() {
    return server.actualPort();
  }

  /// The port for gRPC clients, when there is one.
  public OptionalInt grpcPort() {
    return grpc.map(each -> OptionalInt.of(each.port())).orElse(OptionalInt.empty());
  }

  /// Shows another certificate to whoever connects from now on; those who are connected notice
  /// nothing. The ports must speak TLS already. Any thread.
  ///
  /// @return fails when the files hold no certificate with its key; the old one is shown on then
  public Future<Void> identify(GatewayOptions.Tls tls) {
    Promise<Void> done = Promise.promise();
    owner.runOnContext(_ ->
        Future.join(
                identify(server, tls),
                grpc.map(each -> each.identify(tls)).orElse(Future.succeededFuture()))
            .<Void>mapEmpty()
            .onComplete(done));
    return done.future();
  }

  static Future<Void> identify(HttpServer server, GatewayOptions.Tls tls) {
    var options = new ServerSSLOptions().setKeyCertOptions(files(tls));
    // The files may have the same names as before.
    return server.updateSSLOptions(options, true).mapEmpty();
  }

  private static PemKeyCertOptions files(GatewayOptions.Tls tls) {
    return new PemKeyCertOptions()
        .addCertPath(tls.certificate().toString())
        .addKeyPath(tls.key().toString());
  }

  /// Stops listening and closes every connection; tasks of their clients are cancelled thereby. Any
  /// thread.
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    owner.runOnContext(_ -> {
      connections.close();
      guests.close();
      Future.join(server.close(), grpc.map(ClientGrpc::close).orElse(Future.succeededFuture()))
          .<Void>mapEmpty()
          .onComplete(closed);
    });
    return closed.future();
  }

  private void handle(HttpServerRequest request) {
    String path = plain(Optional.ofNullable(request.path()).orElse(""));
    Surface surface = Surface.of(path, request.headers().contains("anthropic-version"));
    var exchange = new Exchange(request, surface, freshId());
    exchange.onFailure(failure -> noteRefusal(exchange, failure));
    connections.began(request.connection());
    boolean last = isLastOnItsConnection(request);
    exchange.onEnd(() -> {
      connections.ended(request.connection());
      if (last) {
        request.connection().close();
      }
    });
    Optional<String> objection = HeadRules.objection(request);
    if (objection.isPresent()) {
      exchange.fail(Failure.invalid(objection.get()));
    } else if (path.isEmpty()) {
      exchange.fail(
          Failure.of(
              FailureCode.NOT_FOUND,
              Retry.POINTLESS,
              "path: missing (expected: a path that begins with /)"));
    } else {
      exchange.guarded(_ -> meet(exchange, path));
    }
  }

  /// Who may not is written down; who asks for what is not there, or wrongly, is not.
  private void noteRefusal(Exchange exchange, Failure failure) {
    if (NOTED.contains(failure.code())) {
      parts
          .refusals()
          .refused(
              exchange.actor(), AuditAction.ACCESS_REFUSED, target(exchange), failure.message());
    }
  }

  /// Without its query, where some clients put their key.
  private static String target(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    return request.method() + " " + plain(Optional.ofNullable(request.path()).orElse(""));
  }

  /// Whoever stands in between may have found the end of a chunked body elsewhere than we did, if a
  /// length was sent along; the codec does not tell. What comes after it on the same connection is
  /// not believed (RFC 9112, section 6.1).
  private static boolean isLastOnItsConnection(HttpServerRequest request) {
    boolean chunked =
        request.version() != HttpVersion.HTTP_2 && request.headers().contains("transfer-encoding");
    if (chunked) {
      request.response().putHeader("connection", "close");
    }
    return chunked;
  }

  /// What a request is called whose client gives it no name.
  private String freshId() {
    return "req_" + TaskId.random(parts.random()).value().substring(2);
  }

  /// The path with one slash where clients that join two parts made several; empty for what is no
  /// path.
  private static String plain(String path) {
    if (!path.startsWith("/")) {
      return "";
    }
    return path.contains("//") ? SLASHES.matcher(path).replaceAll("/") : path;
  }

  /// Who it is comes before what is asked for: who may not come in learns nothing of what is here.
  private void meet(Exchange exchange, String path) {
    HttpServerRequest request = exchange.request();
    ClientConnections.Peer peer = connections.peerOf(request.connection());
    entrance.check(exchange, peer);
    if (request.method().equals(HttpMethod.OPTIONS) && Cors.isPreflight(request)) {
      preflight(exchange, path);
      return;
    }
    switch (entrance.resolve(exchange, peer)) {
      case Resolution.Known(var who, _) -> {
        exchange.onEnd(guests.enter(who.keyId(), exchange::sever));
        route(exchange, path, who);
      }
      case Resolution.Refused(var why) ->
          routes
              .open(request.method(), path)
              .ifPresentOrElse(
                  route -> enter(exchange, route, "", Principal.NOBODY),
                  () -> refuse(exchange, path, why));
    }
  }

  private void preflight(Exchange exchange, String path) {
    switch (routes.match(HttpMethod.OPTIONS, path)) {
      case Routes.Match.WrongMethod(var allowed) -> {
        exchange.response().putHeader("allow", String.join(", ", allowed));
        Cors.preflight(exchange.request(), allowed);
        exchange.empty(204);
      }
      case Routes.Match.Found _, Routes.Match.Unknown _ ->
          throw Entrance.refusal(FailureCode.NOT_FOUND, "there is nothing at this path");
    }
  }

  /// A hub that asks itself must notice whatever it asks, or it would take itself for an engine.
  private boolean hasBeenHere(String hops) {
    for (String hop : hops.split(",", -1)) {
      if (hop.strip().equals(parts.hub().id())) {
        return true;
      }
    }
    return false;
  }

  private void route(Exchange exchange, String path, Principal who) {
    if (path.isEmpty()) {
      throw Refusals.invalid("path: missing (expected: a path that begins with /)");
    }
    if (exchange.header("x-tutti-hop").filter(this::hasBeenHere).isPresent()) {
      throw Entrance.refusal(FailureCode.LOOP, "this request has been through this hub before");
    }
    if (exchange.header("expect").filter(e -> !e.equalsIgnoreCase("100-continue")).isPresent()) {
      exchange.failExpectation();
      return;
    }
    HttpMethod method = exchange.request().method();
    switch (routes.match(method, path)) {
      case Routes.Match.Found(var route, var parameter) -> enter(exchange, route, parameter, who);
      case Routes.Match.WrongMethod(var allowed) -> {
        exchange.response().putHeader("allow", String.join(", ", allowed));
        if (method.equals(HttpMethod.OPTIONS)) {
          exchange.empty(204);
        } else {
          throw Entrance.refusal(FailureCode.METHOD_NOT_ALLOWED, "method not allowed on this path");
        }
      }
      case Routes.Match.Unknown() ->
          throw Unoffered.at(path)
              .orElseGet(
                  () -> Entrance.refusal(FailureCode.NOT_FOUND, "there is nothing at this path"));
    }
  }

  /// A browser that comes to the front door is asked for a key; everybody else is told.
  private void refuse(Exchange exchange, String path, Resolution.Why why) {
    if (path.equals("/") && Entrance.wantsPage(exchange)) {
      pages.askForKey(exchange, why);
    } else {
      throw Entrance.refusal(FailureCode.UNAUTHENTICATED, why.message());
    }
  }

  private static void enter(Exchange exchange, Route route, String parameter, Principal who) {
    exchange.admit(parameter, who);
    if (!route.access().admits(who)) {
      throw Entrance.refusal(
          FailureCode.FORBIDDEN,
          "the key may not do this (expected: a key with " + route.access().needed() + ")");
    }
    route.handler().accept(exchange);
  }

  /// Bytes that are no request: answered once, then the connection is closed.
  private void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    int status =
        switch (cause) {
          case TooLongHttpLineException _ -> 414;
          case TooLongHttpHeaderException _ -> 431;
          case null, default -> 400;
        };
    HttpServerResponse response = request.response();
    String id = freshId();
    response.setStatusCode(status).putHeader("content-type", "application/json");
    response.putHeader("x-request-id", id).putHeader("request-id", id);
    response
        .end(
            JsonText.text(
                Map.of(
                    "error",
                    Map.of(
                        "code",
                        "invalid_request",
                        "message",
                        "these bytes are no HTTP request within the limits"))))
        .onComplete(_ -> request.connection().close());
  }
}
