package dev.tutti.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whole HTTP exchanges with JSON bodies.
final class Http {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Http() {}

  /// An answer that has arrived whole.
  ///
  /// @param arrivedNanos when, on the clock of {@link System#nanoTime()}
  record Answer(HttpResponse<String> response, long arrivedNanos) {
    int status() {
      return response.statusCode();
    }

    String body() {
      return response.body();
    }

    JsonNode json() {
      return JsonMapper.shared().readTree(body());
    }

    /// A header, or nothing as an empty text.
    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    @Override
    public String toString() {
      return status() + " " + response.headers().map() + "\n" + body();
    }
  }

  static Answer get(String url) {
    return wait(send(HttpRequest.newBuilder(URI.create(url)).GET()));
  }

  static Answer post(String url, String body, String... headers) {
    return wait(posting(url, body, headers));
  }

  /// Posts and does not wait.
  static CompletableFuture<Answer> posting(String url, String body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request);
  }

  /// An answer that has begun and goes on.
  static InputStream stream(String url) {
    var request = HttpRequest.newBuilder(URI.create(url)).GET().build();
    return CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream()).join().body();
  }

  private static CompletableFuture<Answer> send(HttpRequest.Builder request) {
    return CLIENT
        .sendAsync(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.ofString())
        .thenApply(response -> new Answer(response, System.nanoTime()));
  }

  private static Answer wait(CompletableFuture<Answer> answer) {
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException io) {
        throw new UncheckedIOException(io);
      }
      throw e;
    }
  }
}
