package dev.tutti.app.cli;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;

/// One small question to somebody of whom nothing is known: straight to them, past no proxy, and
/// over when its time is, however slowly they answer. (The JDK's own bound ends with the answer's
/// head.) Blocks.
final class Glance {
  private Glance() {}

  /// A client for such questions.
  ///
  /// @param within how long a connection may take
  static HttpClient client(Duration within) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .proxy(HttpClient.Builder.NO_PROXY)
        .connectTimeout(within)
        .build();
  }

  /// What they answer to everybody: the JSON object of an answer with status 200.
  ///
  /// @param within how long the whole answer may take
  static Optional<JsonNode> at(HttpClient http, URI url, Duration within, int maxBytes)
      throws InterruptedException {
    var request = HttpRequest.newBuilder(url).timeout(within).build();
    var answer = http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), maxBytes));
    try {
      HttpResponse<String> said = answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
      return said.statusCode() == 200 ? Json.parse(said.body()) : Optional.empty();
    } catch (ExecutionException | TimeoutException _) {
      answer.cancel(true);
      return Optional.empty();
    }
  }
}
