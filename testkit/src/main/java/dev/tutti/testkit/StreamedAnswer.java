package dev.tutti.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// A streamed answer as a client has it: every byte, and how it ended.
///
/// @param status the answer's HTTP status
/// @param task what the hub calls the task, empty when it does not say
/// @param backend who answered as far as the headers tell
/// @param text everything that came
/// @param broken whether the connection broke before the answer's end
public record StreamedAnswer(int status, String task, String backend, String text, boolean broken) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// What differs between two answers with the same words: times, and what was in a cache.
  private static final String PASSING =
      "\"(created|created_at|completed_at|total_duration|load_duration|prompt_eval_duration"
          + "|eval_duration|cached_tokens|cache_read_input_tokens|input_tokens)\": ?"
          + "(\"[^\"]*\"|[0-9.]+|null)";

  /// What a client is sent while nothing comes: comments, pings and blank lines.
  private static final String SIGN_OF_LIFE =
      "(?m)^:.*\\R\\R|^event: ping\\Rdata: .*\\R\\R|^ +(?=[{\\n])";

  /// The ways of asking the chain model for its long answer as a stream.
  public enum Way {
    OPENAI_CHAT(
        "/v1/chat/completions",
        "\"stream_options\":{\"include_usage\":true},"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"Go?\"}]"),
    OPENAI_COMPLETIONS(
        "/v1/completions",
        "\"stream_options\":{\"include_usage\":true},\"max_tokens\":4000,\"prompt\":\"Go>\""),
    OPENAI_RESPONSES("/v1/responses", "\"input\":\"Go?\""),
    OLLAMA_CHAT("/api/chat", "\"messages\":[{\"role\":\"user\",\"content\":\"Go?\"}]"),
    OLLAMA_GENERATE("/api/generate", "\"prompt\":\"Go?\""),
    ANTHROPIC_MESSAGES(
        "/v1/messages",
        "\"max_tokens\":4000,\"messages\":[{\"role\":\"user\",\"content\":\"Go?\"}]");

    private final String path;
    private final String fields;

    Way(String path, String fields) {
      this.path = path;
      this.fields = fields;
    }

    /// The request's body.
    public String body(String model) {
      return "{\"model\":\"" + model + "\",\"stream\":true,\"temperature\":0," + fields + "}";
    }
  }

  /// What somebody does while an answer comes.
  ///
  /// @param afterBytes when so many bytes have come
  /// @param act is given the backend that answers
  public record Meanwhile(int afterBytes, Consumer<String> act) {
    /// Nothing.
    public static final Meanwhile NOTHING = new Meanwhile(Integer.MAX_VALUE, _ -> {});
  }

  /// Asks and reads to whatever end.
  ///
  /// @param headers names and values in turn
  public static StreamedAnswer ask(
      HttpClient http, String hub, Way way, String model, Meanwhile meanwhile, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(hub + way.path))
            .timeout(PATIENCE)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(way.body(model)));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    HttpResponse<InputStream> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    String backend = response.headers().firstValue("x-tutti-backend").orElse("");
    var all = new ByteArrayOutputStream();
    boolean broken = read(response.body(), all, backend, meanwhile);
    return new StreamedAnswer(
        response.statusCode(),
        response.headers().firstValue("x-tutti-task").orElse(""),
        backend,
        all.toString(StandardCharsets.UTF_8),
        broken);
  }

  private static boolean read(
      InputStream body, ByteArrayOutputStream all, String backend, Meanwhile meanwhile) {
    boolean done = false;
    byte[] piece = new byte[4_096];
    try (body) {
      for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
        all.write(piece, 0, count);
        if (!done && all.size() >= meanwhile.afterBytes) {
          done = true;
          meanwhile.act.accept(backend);
        }
      }
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  /// The answer without what differs each time: its id, times, what was in a cache, and signs of
  /// life.
  public String lasting() {
    String words = task.isEmpty() ? text : text.replace(task, "ID");
    return words.replaceAll(PASSING, "\"$1\":0").replaceAll(SIGN_OF_LIFE, "");
  }

  /// Whether it ended the way its dialect ends a good answer, which a broken one must never do.
  public boolean endsWell() {
    return !broken
        && List.of("[DONE]", "\"done\":true", "message_stop", "response.completed").stream()
            .anyMatch(text::contains);
  }
}
