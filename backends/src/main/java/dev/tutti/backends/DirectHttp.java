package dev.tutti.backends;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// Speaks HTTP/1.1 straight to one engine. Owner loop only: the loop that calls is the loop on
/// which everything happens.
///
/// It never offers `Upgrade: h2c`, because some engines lose the body or hang on it. Cancelling
/// closes the connection, which is the only thing every engine understands. Pausing stops reading
/// the socket, so that the engine is slowed by TCP itself. A host's name is looked up, judged and
/// then connected to by the address that was judged ({@link dev.tutti.core.Outbound}); a redirect
/// is an answer like any other, and nobody follows it.
public final class DirectHttp implements Transport, AutoCloseable {
  /// A connection that is not there by then does not come.
  public static final Duration CONNECT_WITHIN = Duration.ofSeconds(2);

  /// An idle connection is given up sooner than any known engine gives it up (5 s), so that no
  /// request is sent into a connection which is just being closed.
  public static final Duration IDLE_LIMIT = Duration.ofSeconds(3);

  /// Connections to one engine at most: its slots, and some for questions about its health.
  public static final int MAX_CONNECTIONS = EngineAddress.MAX_SLOTS + 32;

  /// Requests that wait for a connection at most; more are refused as not started.
  public static final int MAX_WAITING = 64;

  /// Bytes of an answer's status line and headers at most.
  public static final int MAX_HEAD_BYTES = 16 * 1024;

  /// Lists the hubs a request has been through, so that none of them serves it twice.
  public static final String HOP_HEADER = "x-tutti-hop";

  private static final Set<String> OWN_HEADERS =
      Set.of(
          "host",
          "content-length",
          "transfer-encoding",
          "connection",
          "keep-alive",
          "upgrade",
          "http2-settings",
          "te",
          "trailer",
          "expect",
          HOP_HEADER);

  private final Vertx vertx;
  private final EngineAddress address;
  private final String hubId;
  private final HttpClient client;
  private final Pinned pinned;

  /// A transport to that engine; connects when it is used.
  ///
  /// @param hubId the name of this hub, added to the hop header
  public DirectHttp(Vertx vertx, EngineAddress address, String hubId) {
    this(vertx, address, hubId, InetAddress::getAllByName);
  }

  DirectHttp(Vertx vertx, EngineAddress address, String hubId, Pinned.Resolver resolver) {
    this.pinned = new Pinned(vertx, address, resolver);
    this.vertx = vertx;
    this.address = address;
    this.hubId = hubId;
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setSsl(address.secure())
            .setConnectTimeout((int) CONNECT_WITHIN.toMillis())
            .setKeepAlive(true)
            .setKeepAliveTimeout((int) IDLE_LIMIT.toSeconds())
            .setPipelining(false)
            .setTcpNoDelay(true)
            .setMaxHeaderSize(MAX_HEAD_BYTES)
            .setMaxChunkSize(MAX_CHUNK_BYTES);
    var pool = new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS).setMaxWaitQueueSize(MAX_WAITING);
    this.client =
        vertx
            .httpClientBuilder()
            .with(options)
            .with(pool)
            // Each exchange tells its own failure; Vert.x would log what engines do as our errors.
            .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
            .build();
  }

  @Override
  public Exchange send(Request request, Listener listener) {
    var exchange =
        new DirectExchange(
            vertx,
            address.url(),
            client,
            pinned,
            options(request),
            ready -> ready.end(request.body()),
            true,
            listener);
    exchange.begin();
    return exchange;
  }

  /// Begins an exchange whose body comes in pieces: the request's own is not looked at. Never
  /// throws and never calls `listener` before it returns.
  ///
  /// @param bytes the body's length, when it is known
  public Upload upload(Request request, OptionalLong bytes, Listener listener) {
    var upload = new DirectUpload(bytes.isEmpty());
    RequestOptions options = options(request);
    bytes.ifPresent(length -> options.putHeader("content-length", Long.toString(length)));
    var exchange =
        new DirectExchange(
            vertx, address.url(), client, pinned, options, upload::begin, false, listener);
    upload.carriedBy(exchange);
    exchange.begin();
    return upload;
  }

  private RequestOptions options(Request request) {
    var options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(request.method()))
            .setHost(address.host())
            .setPort(address.port())
            .setURI(address.basePath() + request.path())
            .putHeader("host", address.authority())
            .putHeader(HOP_HEADER, hops(request.headers()));
    for (Map.Entry<String, String> header : request.headers().entrySet()) {
      if (!OWN_HEADERS.contains(header.getKey())) {
        options.putHeader(header.getKey(), header.getValue());
      }
    }
    return options;
  }

  private String hops(Map<String, String> headers) {
    String before = headers.getOrDefault(HOP_HEADER, "");
    return before.isBlank() ? hubId : before + "," + hubId;
  }

  /// Closes every connection; exchanges under way fail.
  @Override
  public void close() {
    client.close();
  }
}
