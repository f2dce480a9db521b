package dev.tutti.app.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads a streamed chat answer, piece by piece, on the caller's thread.
final class AnswerStream {
  /// The longest event that is read, in characters.
  private static final int MAX_EVENT_CHARS = 4 << 20;

  private final BufferedReader reader;
  private String finish = "";
  private OptionalLong promptTokens = OptionalLong.empty();
  private OptionalLong outputTokens = OptionalLong.empty();

  AnswerStream(HubClient.Answer answer) {
    this.reader = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  /// Hears the pieces.
  interface Listener {
    /// Text of the answer.
    void text(String piece);

    /// What the model says to itself before it answers.
    void thinking(String piece);
  }

  /// What is known at the end.
  ///
  /// @param finish why it ended, in the API's word
  /// @param promptTokens tokens read, when the engine says
  /// @param outputTokens tokens written, when the engine says
  record End(String finish, OptionalLong promptTokens, OptionalLong outputTokens) {}

  /// Reads to the end. An answer that breaks off is a failure, never an end.
  ///
  /// @throws IOException when the connection is lost, or the body was closed by another thread
  End read(Listener listener) throws IOException {
    boolean done = false;
    while (!done) {
      var line = line();
      if (line == null) {
        // Some engines end without the closing mark, but not before they say why they ended.
        if (finish.isEmpty()) {
          throw new CliException(Exit.FAILED, "the answer broke off");
        }
        done = true;
      } else if (line.startsWith("data:")) {
        var event = line.substring("data:".length()).strip();
        done = event.equals("[DONE]");
        if (!done) {
          event(event, listener);
        }
      }
    }
    return new End(finish, promptTokens, outputTokens);
  }

  private void event(String text, Listener listener) {
    var event =
        Json.parse(text)
            .orElseThrow(() -> new CliException(Exit.FAILED, "the answer has an event in no JSON"));
    if (event.hasNonNull("error")) {
      throw new CliException(Exit.FAILED, Json.text(event, "error.message", "error"));
    }
    for (var choice : Json.items(event, "choices")) {
      var delta = choice.path("delta");
      say(Json.text(delta, "reasoning_content", "reasoning"), listener::thinking);
      say(Json.text(delta, "content"), listener::text);
      var reason = Json.text(choice, "finish_reason");
      finish = reason.isEmpty() ? finish : reason;
    }
    usage(event.path("usage"));
  }

  private void usage(JsonNode usage) {
    if (usage.isObject()) {
      promptTokens = Json.number(usage, "prompt_tokens");
      outputTokens = Json.number(usage, "completion_tokens");
    }
  }

  private static void say(String piece, Consumer<String> listener) {
    if (!piece.isEmpty()) {
      listener.accept(piece);
    }
  }

  /// One line without its end; null at the end of the stream.
  private @Nullable String line() throws IOException {
    var line = new StringBuilder();
    for (int c = reader.read(); c != '\n'; c = reader.read()) {
      if (c < 0) {
        return line.isEmpty() ? null : line.toString();
      }
      if (line.length() == MAX_EVENT_CHARS) {
        throw new CliException(
            Exit.FAILED, "event over " + MAX_EVENT_CHARS + " characters (expected: less)");
      }
      line.append((char) c);
    }
    return line.toString();
  }
}
