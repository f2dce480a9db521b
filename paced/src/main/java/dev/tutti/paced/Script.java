package dev.tutti.paced;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import tools.jackson.databind.JsonNode;

/// An answer before it is given: how many tokens, what each adds, and why it ends.
record Script(int tokens, Finish finish, IntFunction<Piece> pieceAt) {
  /// How many tokens of thinking come before an answer that thinks.
  static final int THINKING_TOKENS = 8;

  private static final int FRAGMENT_CHARS = 4;

  /// Why an answer ends.
  enum Finish {
    /// It was said.
    STOP,
    /// The client's limit was reached.
    LENGTH,
    /// It was a tool call.
    TOOL_CALL
  }

  static Script of(Ask ask, String engine, int answerTokens) {
    return switch (ask.want()) {
      case Ask.Want.Nothing _ -> new Script(0, Finish.STOP, _ -> new Piece.Text(""));
      case Ask.Want.Prose(Ask.Thinking thinking) -> {
        int lead = leadTokens(thinking);
        int from = ask.begunTokens();
        int left = Math.max(0, answerTokens - from);
        int wanted = (int) Math.min((long) left + lead, PaceProfile.ENDLESS);
        yield limited(ask, wanted, index -> prose(engine, ask.seed(), from + index, lead));
      }
      case Ask.Want.ToolCall call -> ofPieces(ask, engine, call.thinking(), callPieces(call));
      case Ask.Want.Document(JsonNode value) -> ofText(ask, engine, value.toString());
      case Ask.Want.Line(String text) -> ofText(ask, engine, text);
    };
  }

  private static Script ofText(Ask ask, String engine, String text) {
    return ofPieces(
        ask,
        engine,
        Ask.Thinking.NONE,
        fragments(text).stream().<Piece>map(Piece.Text::new).toList());
  }

  private static Script ofPieces(
      Ask ask, String engine, Ask.Thinking thinking, List<Piece> pieces) {
    int lead = leadTokens(thinking);
    Script script =
        limited(
            ask,
            lead + pieces.size(),
            index ->
                index < lead ? prose(engine, ask.seed(), index, lead) : pieces.get(index - lead));
    return script.finish == Finish.STOP
            && !pieces.isEmpty()
            && pieces.getLast() instanceof Piece.CallClosed
        ? new Script(script.tokens, Finish.TOOL_CALL, script.pieceAt)
        : script;
  }

  private static Script limited(Ask ask, int wanted, IntFunction<Piece> pieceAt) {
    return ask.maxTokens() < wanted
        ? new Script(ask.maxTokens(), Finish.LENGTH, pieceAt)
        : new Script(wanted, Finish.STOP, pieceAt);
  }

  private static int leadTokens(Ask.Thinking thinking) {
    return switch (thinking) {
      case SHOWN -> THINKING_TOKENS;
      case NONE -> 0;
    };
  }

  private static Piece prose(String engine, long seed, int index, int lead) {
    return index < lead
        ? new Piece.Thought(Words.token(engine, ~seed, index))
        : new Piece.Text(Words.token(engine, seed, index - lead));
  }

  private static List<Piece> callPieces(Ask.Want.ToolCall call) {
    List<Piece> pieces = new ArrayList<>();
    pieces.add(new Piece.CallOpened(call.id(), call.tool()));
    fragments(call.arguments().toString()).forEach(f -> pieces.add(new Piece.CallArguments(f)));
    pieces.add(new Piece.CallClosed(call.id(), call.tool(), call.arguments()));
    return pieces;
  }

  private static List<String> fragments(String text) {
    List<String> fragments = new ArrayList<>();
    for (int from = 0; from < text.length(); from += FRAGMENT_CHARS) {
      fragments.add(text.substring(from, Math.min(text.length(), from + FRAGMENT_CHARS)));
    }
    return fragments;
  }
}
