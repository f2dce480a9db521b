package dev.tutti.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// One streamed chat over OpenAI's API, read to whatever end it has.
final class StreamedChat {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String RECORD = "data: ";

  private final Instant sentAt = Instant.now();
  private final StringBuilder text = new StringBuilder();
  private Optional<Instant> begunAt = Optional.empty();
  private String backend = "";
  private String task = "";

  private StreamedChat() {}

  /// How an answer ended, as a client sees it.
  enum Ending {
    /// With its end record.
    COMPLETE,
    /// With another status than 200.
    REFUSED,
    /// With an error record.
    ERROR_RECORD,
    /// The connection broke.
    BROKEN,
    /// Like a whole answer but without an end record: nobody can tell that something is missing.
    CLEAN_BUT_SHORT
  }

  /// What came of it.
  ///
  /// @param begunAt when the first piece of text came, empty when none did
  /// @param backend who answered, empty when nobody did
  /// @param detail the error, empty when there was none
  record Reply(
      Instant sentAt,
      Optional<Instant> begunAt,
      String task,
      String backend,
      String text,
      Ending ending,
      String detail) {
    boolean failed() {
      return ending != Ending.COMPLETE;
    }
  }

  /// Asks and reads; fails with no exception of its own.
  static Reply ask(HttpClient http, String hub, String model, int maxTokens) {
    var body =
        "{\"model\":\""
            + model
            + "\",\"max_tokens\":"
            + maxTokens
            + ",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Go?\"}]}";
    var request =
        HttpRequest.newBuilder(URI.create(hub + "/v1/chat/completions"))
            .timeout(PATIENCE)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    var chat = new StreamedChat();
    try {
      return chat.read(http.send(request, HttpResponse.BodyHandlers.ofInputStream()));
    } catch (IOException e) {
      return chat.reply(Ending.BROKEN, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return chat.reply(Ending.BROKEN, e.toString());
    }
  }

  private Reply read(HttpResponse<java.io.InputStream> response) throws IOException {
    backend = response.headers().firstValue("x-tutti-backend").orElse("");
    task = response.headers().firstValue("x-tutti-task").orElse("");
    try (var lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      if (response.statusCode() != 200) {
        return reply(Ending.REFUSED, response.statusCode() + " " + lines.readLine());
      }
      String line;
      while ((line = lines.readLine()) != null) {
        if (!line.startsWith(RECORD)) {
          continue;
        }
        String data = line.substring(RECORD.length());
        if (data.equals("[DONE]")) {
          return reply(Ending.COMPLETE, "");
        }
        JsonNode chunk = HubApi.parse(data);
        if (chunk.has("error")) {
          return reply(Ending.ERROR_RECORD, data);
        }
        add(chunk.path("choices").path(0).path("delta").path("content").asString(""));
      }
      return reply(Ending.CLEAN_BUT_SHORT, "");
    }
  }

  private void add(String piece) {
    if (!piece.isEmpty() && begunAt.isEmpty()) {
      begunAt = Optional.of(Instant.now());
    }
    text.append(piece);
  }

  private Reply reply(Ending ending, String detail) {
    return new Reply(sentAt, begunAt, task, backend, text.toString(), ending, detail);
  }
}
