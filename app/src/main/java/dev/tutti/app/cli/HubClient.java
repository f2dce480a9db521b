package dev.tutti.app.cli;

import dev.tutti.core.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import tools.jackson.databind.JsonNode;

/// A client of one hub. Blocks; every failure is a {@link CliException} with the right exit code.
final class HubClient {
  /// How long a hub may take to accept a connection.
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /// How long a hub may take for one document; searching a network is the slowest.
  private static final Duration DOCUMENT_TIMEOUT = Duration.ofSeconds(60);

  /// How long an answer may take to begin: a queue's wait and the loading of a large model.
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(15);

  /// The longest document that is read, in bytes.
  private static final int MAX_DOCUMENT_BYTES = 64 << 20;

  /// The longest foreign error text that is repeated, in characters.
  private static final int MAX_REASON_CHARS = 600;

  private static final String MESH = "/mesh/v1/";

  private final URI base;
  private final Secret key;
  private final HttpClient http;

  /// A client that has not connected yet.
  ///
  /// @param base the hub's address, without a path
  /// @param key the key to show, empty for none
  HubClient(URI base, Secret key) {
    this(base, key, Optional.empty());
  }

  /// A client that has not connected yet.
  ///
  /// @param trust whom to trust over TLS, empty for whom Java trusts
  HubClient(URI base, Secret key, Optional<SSLContext> trust) {
    this.base = base;
    this.key = key;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT);
    trust.ifPresent(builder::sslContext);
    this.http = builder.build();
  }

  /// A hub's address from what a person typed: the scheme may be missing.
  static URI address(String typed) {
    var text = typed.strip();
    var whole = (text.contains("://") ? text : "http://" + text).replaceFirst("(?<=[^/])/+$", "");
    try {
      var uri = URI.create(whole);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (isHttp && uri.getHost() != null && uri.getRawQuery() == null) {
        return uri;
      }
    } catch (IllegalArgumentException _) {
      // Told below, like every other wrong address.
    }
    throw new CliException(
        Exit.USAGE, "address: " + typed + " (expected: http://HOST:PORT or https://HOST:PORT)");
  }

  URI base() {
    return base;
  }

  /// One path segment or query value, whatever characters it has.
  static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// Reads a document below `/mesh/v1/`.
  JsonNode get(String path) {
    return document(request(MESH + path).GET());
  }

  /// Asks for an effect below `/mesh/v1/`.
  JsonNode post(String path, JsonNode body) {
    return document(
        request(MESH + path)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body.toString())));
  }

  /// Removes something below `/mesh/v1/`.
  JsonNode delete(String path) {
    return document(request(MESH + path).DELETE());
  }

  /// Sends a client request and returns its whole answer.
  Answer ask(String path, JsonNode body, Map<String, String> headers) {
    var answer = open(path, body, headers);
    try (var in = answer.body()) {
      return new Answer(answer.response(), in, parse(answer.response(), in));
    } catch (IOException e) {
      throw lost(e);
    }
  }

  /// Sends a client request whose answer streams; the caller reads and closes the body.
  Answer open(String path, JsonNode body, Map<String, String> headers) {
    var request =
        request(path)
            .timeout(ANSWER_TIMEOUT)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    headers.forEach(request::header);
    var response = send(request.build());
    if (response.statusCode() >= 400) {
      throw refused(response);
    }
    return new Answer(response, response.body(), Json.object());
  }

  /// Reads any path and returns status and headers, for the doctor.
  HttpResponse<InputStream> probe(String path) {
    return send(request(path).GET().build());
  }

  private HttpRequest.Builder request(String path) {
    var request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(DOCUMENT_TIMEOUT)
            .header("accept", "application/json")
            .header("user-agent", "tutti-cli/" + Version.NUMBER);
    if (!key.isEmpty()) {
      request.header("authorization", "Bearer " + key.reveal());
    }
    return request;
  }

  private JsonNode document(HttpRequest.Builder request) {
    var response = send(request.build());
    try (var in = response.body()) {
      if (response.statusCode() >= 400) {
        throw refused(response);
      }
      return response.statusCode() == 204 ? Json.object() : parse(response, in);
    } catch (IOException e) {
      throw lost(e);
    }
  }

  private JsonNode parse(HttpResponse<InputStream> response, InputStream in) throws IOException {
    var text = read(in);
    if (text.length == 0) {
      return Json.object();
    }
    return Json.parse(text)
        .orElseThrow(() -> notAHub("status " + response.statusCode() + " without JSON"));
  }

  private static byte[] read(InputStream in) throws IOException {
    var text = in.readNBytes(MAX_DOCUMENT_BYTES + 1);
    if (text.length > MAX_DOCUMENT_BYTES) {
      throw new CliException(
          Exit.FAILED, "document over " + MAX_DOCUMENT_BYTES + " bytes (expected: less)");
    }
    return text;
  }

  private HttpResponse<InputStream> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofInputStream());
    } catch (ConnectException | UnresolvedAddressException e) {
      throw unreachable(e);
    } catch (HttpTimeoutException e) {
      // Not even a connection in time is as good as nobody there.
      throw e instanceof HttpConnectTimeoutException
          ? unreachable(e)
          : new CliException(Exit.TIMEOUT, "no answer from " + base + " in time", e);
    } catch (SSLException e) {
      throw new CliException(
          Exit.ENVIRONMENT,
          "no TLS with "
              + base
              + ": "
              + e.getMessage()
              + " (expected: a certificate that Java trusts, or the hub's "
              + UpOptions.CERTIFICATE_FILE
              + " in this home)",
          e);
    } catch (IOException e) {
      throw lost(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(Exit.FAILED, "interrupted", e);
    }
  }

  private CliException unreachable(Exception cause) {
    return new CliException(
        Exit.DOWN, "no hub answers at " + base + " (expected: a running \"tutti up\")", cause);
  }

  private CliException lost(IOException cause) {
    var why = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new CliException(Exit.DOWN, "lost the connection to " + base + ": " + why, cause);
  }

  private CliException notAHub(String what) {
    return new CliException(
        Exit.DOWN, base + " is no hub: " + what + " (expected: a running \"tutti up\")");
  }

  /// The hub's own reason; a 404 that is not in our words comes from somebody else's server.
  private CliException refused(HttpResponse<InputStream> response) {
    int status = response.statusCode();
    Optional<JsonNode> body;
    try (var in = response.body()) {
      body = Json.parse(read(in));
    } catch (IOException e) {
      throw lost(e);
    }
    if (body.isEmpty() && status == 404) {
      return notAHub("status 404 without JSON");
    }
    var document = body.orElseGet(Json::object);
    var reason = Json.text(document, "error.message", "error", "message");
    var words = new StringBuilder(reason.isEmpty() ? "the hub answered " + status : reason);
    if (words.length() > MAX_REASON_CHARS) {
      words.setLength(MAX_REASON_CHARS);
    }
    if (status == 401 && key.isEmpty()) {
      words.append(" (expected: --key or TUTTI_KEY)");
    }
    response
        .headers()
        .firstValue("retry-after")
        .ifPresent(seconds -> words.append(" (retry after ").append(seconds).append(" s)"));
    return new CliException(Exit.ofStatus(status), words.toString());
  }

  /// An accepted request: who answers, and the answer.
  ///
  /// @param response status and headers
  /// @param body the answer while it streams
  /// @param document the whole answer, where it was read at once
  record Answer(HttpResponse<InputStream> response, InputStream body, JsonNode document) {
    /// One of the `x-tutti-` headers; empty when missing.
    String told(String name) {
      return response.headers().firstValue("x-tutti-" + name).orElse("");
    }
  }
}
