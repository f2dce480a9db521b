package dev.tutti.paced;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a simulated model says turn by turn, so that a whole piece of an agent's work can be
/// played. The turn is the number of tool results in the conversation; after the last turn, and
/// where a turn calls a tool that the client does not offer, the model answers as it always does.
///
/// Read from a document such as
/// `{"turns":[{"tool":"^(shell|bash)$","arguments":{"command":"ls"}},{"text":"Done."}]}`.
public record Play(List<Turn> turns) {
  /// Nothing is played.
  public static final Play NONE = new Play(List.of());

  /// One turn of the model.
  public sealed interface Turn {
    /// Calls the first offered tool whose name the pattern finds itself in.
    record Call(Pattern tool, JsonNode arguments) implements Turn {}

    /// Says this and nothing else.
    record Say(String text) implements Turn {}
  }

  /// Copies the list.
  public Play {
    turns = List.copyOf(turns);
  }

  /// Reads the document.
  ///
  /// @throws IllegalArgumentException naming the first mistake
  public static Play parse(String json) {
    JsonNode list;
    try {
      list = JsonMapper.shared().readTree(json).path("turns");
    } catch (JacksonException e) {
      throw new IllegalArgumentException("script: no JSON (expected: {\"turns\":[…]})", e);
    }
    if (!list.isArray()) {
      throw new IllegalArgumentException("turns: none (expected: an array)");
    }
    List<Turn> turns = new ArrayList<>();
    for (JsonNode turn : list.values()) {
      turns.add(turn(turns.size(), turn));
    }
    return new Play(turns);
  }

  private static Turn turn(int index, JsonNode turn) {
    if (turn.path("text").isString()) {
      return new Turn.Say(turn.path("text").stringValue());
    }
    if (turn.path("tool").isString() && turn.path("arguments").isObject()) {
      try {
        return new Turn.Call(
            Pattern.compile(turn.path("tool").stringValue()), turn.path("arguments"));
      } catch (PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "turns[" + index + "].tool: " + e.getDescription() + " (expected: a pattern)", e);
      }
    }
    throw new IllegalArgumentException(
        "turns[" + index + "]: neither (expected: text, or tool with arguments)");
  }

  /// What the model shall answer, if the play says so.
  Optional<Ask.Want> next(Prompt prompt, List<Ask.OfferedTool> offered, String callId) {
    if (prompt.toolResults() >= turns.size()) {
      return Optional.empty();
    }
    return switch (turns.get(prompt.toolResults())) {
      case Turn.Say(String text) -> Optional.of(new Ask.Want.Line(text));
      case Turn.Call(Pattern tool, JsonNode arguments) ->
          offered.stream()
              .filter(each -> tool.matcher(each.name()).find())
              .findFirst()
              .map(
                  each -> new Ask.Want.ToolCall(callId, each.name(), arguments, Ask.Thinking.NONE));
    };
  }
}
