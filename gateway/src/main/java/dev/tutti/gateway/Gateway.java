package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
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
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP edge: listens, keeps out who must stay out, and gives each request to its endpoint.
///
/// It runs on the owner's loop, so that a request crosses no thread on its way to the dispatcher
/// and back.
public final class Gateway {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final Pattern SLASHES = Pattern.compile("/{2,}");

  private final GatewayParts parts;
  private final Context owner;
  private final HttpServer server;
  private final Routes routes;
  private final ClientConnections connections;
  private final Cors cors;
  private final Optional<ClientGrpc> grpc;

  private Gateway(
      GatewayParts parts,
      Context owner,
      HttpServer server,
      Routes routes,
      ClientConnections connections,
      Cors cors,
      Optional<ClientGrpc> grpc) {
    this.parts = parts;
    this.owner = owner;
    this.server = server;
    this.routes = routes;
    this.connections = connections;
    this.cors = cors;
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
    var events = new EventStreams(parts.feed(), parts.time(), limits);
    var decoder = new BodyDecoder(parts.offLoop(), owner, budget, limits.bodies().maxDecodings());
    Function<Exchange, BodyReader> bodies =
        exchange -> new BodyReader(exchange, parts.time(), limits.bodies(), budget, decoder);
    var work = new WorkEndpoint(parts, limits, bodies, owner);
    var all = new ArrayList<Route>();
    all.addAll(new VitalsEndpoints(parts, connections, budget).routes());
    all.addAll(new OpenAiEndpoints(parts, work).routes());
    all.addAll(new AnthropicEndpoints(parts, work).routes());
    all.addAll(new OllamaEndpoints(parts, work, bodies, limits, owner).routes());
    all.addAll(new EngineEndpoints(parts, limits, bodies).routes());
    all.addAll(new MeshEndpoints(parts, events).routes());
    all.addAll(new MeshCommands(parts, bodies).routes());
    var answers = new WorkAnswers(parts, limits, bodies, owner);
    all.addAll(new FileEndpoints(parts, answers).routes());
    all.addAll(new BatchEndpoints(parts, answers).routes());
    all.addAll(new TaskEndpoints(parts, answers, limits).routes());

    HttpServer server = vertx.createHttpServer(serverOptions(options));
    Optional<ClientGrpc> grpc =
        options.grpcPort() == GatewayOptions.NO_GRPC
            ? Optional.empty()
            : Optional.of(new ClientGrpc(vertx, parts, limits, budget));
    var cors = new Cors(options.origins());
    var gateway = new Gateway(parts, owner, server, new Routes(all), connections, cors, grpc);
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

  private static void encrypt(
      HttpServerOptions server, GatewayOptions.Tls tls, GatewayLimits.Connections limits) {
    server
        .setSsl(true)
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .addCertPath(tls.certificate().toString())
                .addKeyPath(tls.key().toString()))
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

  /// The port that clients connect to.
  public int port() {
    return server.actualPort();
  }

  /// The port for gRPC clients, when there is one.
  public OptionalInt grpcPort() {
    return grpc.map(each -> OptionalInt.of(each.port())).orElse(OptionalInt.empty());
  }

  /// Stops listening and closes every connection; tasks of their clients are cancelled thereby. Any
  /// thread.
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    owner.runOnContext(_ -> {
      connections.close();
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
      exchange.fail(Failure.invalid("path: missing (expected: a path that begins with /)"));
    } else {
      exchange.guarded(_ -> meet(exchange, path));
    }
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

  private void meet(Exchange exchange, String path) {
    HttpServerRequest request = exchange.request();
    String host = host(request);
    String origin = request.getHeader("origin");
    boolean keysRequired = parts.keys().required();
    if (!keysRequired) {
      BrowserGuard.objection(host, origin)
          .ifPresent(why -> {
            throw refusal(FailureCode.FORBIDDEN, why);
          });
    }
    if (origin != null) {
      exchange.response().putHeader("vary", "origin");
      if (cors.allows(origin, host, keysRequired)) {
        Cors.open(exchange.response(), origin);
      } else if (Cors.isPreflight(request)) {
        throw refusal(
            FailureCode.FORBIDDEN,
            "origin: a foreign site (expected: a page of this machine, or one of the setting"
                + " origins)");
      }
    }
    route(exchange, path);
  }

  /// The name under which the client reached this hub.
  private static @Nullable String host(HttpServerRequest request) {
    HostAndPort authority = request.version() == HttpVersion.HTTP_2 ? request.authority() : null;
    return authority == null ? request.getHeader("host") : authority.toString();
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

  private void route(Exchange exchange, String path) {
    if (exchange.header("x-tutti-hop").filter(this::hasBeenHere).isPresent()) {
      throw refusal(FailureCode.LOOP, "this request has been through this hub before");
    }
    if (exchange.header("expect").filter(e -> !e.equalsIgnoreCase("100-continue")).isPresent()) {
      exchange.failExpectation();
      return;
    }
    HttpMethod method = exchange.request().method();
    switch (routes.match(method, path)) {
      case Routes.Match.Found(var route, var parameter) -> enter(exchange, route, parameter);
      case Routes.Match.WrongMethod(var allowed) -> {
        exchange.response().putHeader("allow", String.join(", ", allowed));
        if (method.equals(HttpMethod.OPTIONS)) {
          options(exchange, allowed);
        } else {
          throw refusal(FailureCode.METHOD_NOT_ALLOWED, "method not allowed on this path");
        }
      }
      case Routes.Match.Unknown() ->
          throw Unoffered.at(path)
              .orElseGet(() -> refusal(FailureCode.NOT_FOUND, "there is nothing at this path"));
    }
  }

  private static void options(Exchange exchange, Set<String> allowed) {
    if (Cors.isPreflight(exchange.request())) {
      Cors.preflight(exchange.request(), allowed);
    }
    exchange.empty(204);
  }

  private void enter(Exchange exchange, Route route, String parameter) {
    switch (parts.keys().check(presentedKey(exchange))) {
      case KeyCheck.Verdict.Admitted(var principal, var administrator) -> {
        if (route.access() == Route.Access.ADMIN && !administrator) {
          throw refusal(FailureCode.FORBIDDEN, "an administrator's key is needed for this");
        }
        exchange.admit(parameter, principal, administrator);
        route.handler().accept(exchange);
      }
      case KeyCheck.Verdict.Refused() -> {
        if (route.access() != Route.Access.OPEN) {
          throw refusal(
              FailureCode.UNAUTHENTICATED,
              "a key is needed (expected: authorization: Bearer …, or x-api-key)");
        }
        exchange.admit(parameter, "", false);
        route.handler().accept(exchange);
      }
    }
  }

  /// A bearer token or `x-api-key`, on every path: clients differ.
  private static Optional<String> presentedKey(Exchange exchange) {
    return exchange
        .header("authorization")
        .filter(value -> value.toLowerCase(Locale.ROOT).startsWith("bearer "))
        .map(value -> value.substring("bearer ".length()).strip())
        .filter(key -> !key.isEmpty())
        .or(() -> exchange.header("x-api-key"));
  }

  private static MeshException refusal(FailureCode code, String message) {
    return new MeshException(Refusals.pointless(code, message));
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
