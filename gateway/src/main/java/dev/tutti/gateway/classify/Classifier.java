package dev.tutti.gateway.classify;

import dev.tutti.dialects.Sampling;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Difficulty;
import dev.tutti.dispatch.TaskType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// Tells what kind of work a request is, and how hard, by rules: pure, any thread. It looks at no
/// more than {@link Excerpt#MAX_CHARS} of the text, and what it says never quotes it.
///
/// Each sign that is seen says a type with a sureness; the surest one wins, the first of equals.
public final class Classifier {
  /// A text from this length on is one that somebody wants to have shorter, in characters.
  private static final int LONG_INPUT_CHARS = 1_500;

  /// A question up to this length is what it looks like, in characters.
  private static final int SHORT_CHARS = 400;

  /// Who wants no more tokens than this wants a label.
  private static final int LABEL_TOKENS = 16;

  private static final String ENDPOINT = "endpoint";

  private Classifier() {}

  /// What kind of work it is, and how hard.
  public static Finding classify(Work work) {
    return switch (work) {
      case Work.Chat chat -> chat(chat);
      case Work.Completion text -> completion(text);
      case Work.Continued(var whole, _) -> classify(whole);
      case Work.Embedding _ -> certain(TaskType.EMBED);
      case Work.Rerank _ -> certain(TaskType.CLASSIFY);
      case Work.TokenCount _ -> certain(TaskType.COUNT);
      case Work.Residency _ -> certain(TaskType.LOAD);
      case Work.Transcription _ -> certain(TaskType.CHAT);
    };
  }

  private static Finding certain(TaskType type) {
    return new Finding(type, ENDPOINT, 1, Difficulty.USUAL, "default");
  }

  private static Finding chat(Work.Chat chat) {
    Excerpt excerpt = Excerpt.of(chat);
    OptionalInt limit = limit(chat.sampling());
    var best = new Best();
    named(chat.model(), best);
    if (chat.needs().contains("vision")) {
      best.say(TaskType.VISION, 1, "images");
    }
    if (CodeSigns.inTools(chat.tools())) {
      best.say(TaskType.CODE, 0.95, "tools");
    }
    text(excerpt, limit, best);
    return finding(best, Effort.of(excerpt, best.type, chat.tools().size(), limit, chat.think()));
  }

  private static Finding completion(Work.Completion text) {
    Excerpt excerpt = Excerpt.of(text);
    OptionalInt limit = limit(text.sampling());
    var best = new Best();
    named(text.model(), best);
    if (!text.images().isEmpty()) {
      best.say(TaskType.VISION, 1, "images");
    }
    if (text.suffix().isPresent()) {
      best.say(TaskType.CODE, 0.9, "suffix");
    }
    text(excerpt, limit, best);
    return finding(best, Effort.of(excerpt, best.type, 0, limit, text.think()));
  }

  private static Finding finding(Best best, Effort effort) {
    return new Finding(best.type, best.by, best.sureness, effort.difficulty(), effort.by());
  }

  /// `auto:code` says it itself. What is no text is asked for at endpoints of its own.
  private static void named(String model, Best best) {
    if (!model.startsWith("auto:")) {
      return;
    }
    Optional<TaskType> type = TaskType.of(model.substring("auto:".length()));
    if (type.isPresent()) {
      switch (type.get()) {
        case EMBED, COUNT, LOAD -> {
          // nothing that a text could be
        }
        case CHAT,
            CODE,
            VISION,
            SUMMARIZE,
            CLASSIFY,
            REASON,
            WRITE,
            ANALYZE,
            QA,
            ROUTE,
            BROWSER,
            SCRAPE,
            DTOOLS,
            FORM_FILL ->
            best.say(type.get(), 1, "model name");
      }
    }
  }

  private static void text(Excerpt excerpt, OptionalInt limit, Best best) {
    if (excerpt.isEmpty()) {
      best.say(TaskType.CHAT, 0.7, "default");
      return;
    }
    String wish = excerpt.instruction();
    boolean summary = Phrases.SUMMARIZE.in(wish);
    code(excerpt, summary, best);
    if (summary) {
      boolean input = excerpt.said().length() >= LONG_INPUT_CHARS;
      best.say(TaskType.SUMMARIZE, input ? 0.95 : 0.72, "words of summary");
    }
    boolean few = limit.isPresent() && limit.getAsInt() <= LABEL_TOKENS;
    if (Phrases.CLASSIFY.in(wish)) {
      best.say(TaskType.CLASSIFY, few ? 0.95 : 0.74, "words of choice");
    } else if (few) {
      best.say(TaskType.CLASSIFY, 0.55, "few tokens");
    }
    if (Phrases.REASON.in(wish)) {
      best.say(TaskType.REASON, 0.78, "words of reasoning");
    } else if (Phrases.PERHAPS_REASON.in(wish)) {
      best.say(TaskType.REASON, 0.56, "words of reasoning");
    }
    boolean brief = excerpt.said().length() <= SHORT_CHARS;
    if (best.sureness == 0) {
      best.say(TaskType.CHAT, brief ? 0.7 : 0.5, "default");
    }
  }

  private static void code(Excerpt excerpt, boolean summary, Best best) {
    String said = excerpt.said();
    if (CodeSigns.hasStackTrace(said)) {
      best.say(TaskType.CODE, 0.94, "stack trace");
    }
    if (CodeSigns.hasFences(said)) {
      best.say(TaskType.CODE, summary ? 0.6 : 0.92, "fences");
    }
    if (Phrases.CODING_AGENT.in(excerpt.system())) {
      best.say(TaskType.CODE, 0.9, "system prompt");
    }
    if (CodeSigns.looksLikeCode(said)) {
      best.say(TaskType.CODE, 0.86, "braces and lines");
    }
    if (Phrases.CODE.in(excerpt.instruction())) {
      best.say(TaskType.CODE, summary ? 0.7 : 0.84, "words of programming");
    }
    if (CodeSigns.namesFile(excerpt.instruction())) {
      best.say(TaskType.CODE, summary ? 0.6 : 0.8, "file names");
    }
    if (Phrases.PERHAPS_CODE.in(excerpt.instruction())) {
      boolean making = Phrases.MAKING.in(excerpt.instruction());
      best.say(TaskType.CODE, making && !summary ? 0.76 : 0.58, "words of programming");
    }
  }

  private static OptionalInt limit(Sampling sampling) {
    OptionalInt limit = sampling.maxTokens();
    return limit.isPresent() && limit.getAsInt() > 0 ? limit : OptionalInt.empty();
  }

  /// The surest so far.
  private static final class Best {
    private TaskType type = TaskType.CHAT;
    private String by = "default";
    private double sureness;

    void say(TaskType said, double sure, String sign) {
      if (sure > sureness) {
        type = said;
        sureness = sure;
        by = sign;
      }
    }
  }

  /// How hard a task is, as points for what makes it harder less points for what makes it easier.
  ///
  /// @param by the signs that decided
  private record Effort(Difficulty difficulty, String by) {
    private static final long VERY_LONG_CHARS = 24_000;
    private static final long LONG_CHARS = 6_000;
    private static final int BRIEF_CHARS = 160;
    private static final int MANY_TURNS = 12;
    private static final int MANY_TOOLS = 8;
    private static final int MANY_TOKENS = 4_096;
    private static final int FEW_TOKENS = 64;
    private static final int HARD_FROM = 3;
    private static final int SIMPLE_TO = -1;

    static Effort of(
        Excerpt excerpt, TaskType type, int tools, OptionalInt limit, Optional<JsonNode> think) {
      if (excerpt.isEmpty()) {
        return new Effort(Difficulty.USUAL, "default");
      }
      var sum = new Sum();
      sum.add(excerpt.chars() >= VERY_LONG_CHARS, 2, "length");
      sum.add(excerpt.chars() >= LONG_CHARS, 1, "length");
      sum.add(excerpt.chars() < BRIEF_CHARS && tools == 0, -1, "length");
      sum.add(excerpt.turns() >= MANY_TURNS, 1, "turns");
      sum.add(tools > 0, 1, "tools");
      sum.add(tools >= MANY_TOOLS, 1, "tools");
      boolean reasoning = Phrases.REASON.in(excerpt.instruction());
      sum.add(reasoning, 3, "words of reasoning");
      sum.add(
          !reasoning && Phrases.PERHAPS_REASON.in(excerpt.instruction()), 1, "words of reasoning");
      sum.add(asksToThink(think), 2, "thinking");
      sum.add(limit.isPresent() && limit.getAsInt() >= MANY_TOKENS, 1, "tokens");
      sum.add(limit.isPresent() && limit.getAsInt() <= FEW_TOKENS, -2, "tokens");
      sum.add(type == TaskType.CODE || type == TaskType.REASON, 1, "type");
      sum.add(type == TaskType.CLASSIFY, -2, "type");
      return sum.effort();
    }

    private static boolean asksToThink(Optional<JsonNode> think) {
      return think
          .filter(value ->
              value.isBoolean()
                  ? value.booleanValue()
                  : value.isString()
                      && !List.of("none", "minimal", "low", "false").contains(value.stringValue()))
          .isPresent();
    }

    /// Points, and what they were given for.
    private static final class Sum {
      private int points;
      private final StringBuilder harder = new StringBuilder();
      private final StringBuilder easier = new StringBuilder();

      void add(boolean seen, int worth, String sign) {
        if (seen) {
          points += worth;
          StringBuilder signs = worth > 0 ? harder : easier;
          if (signs.indexOf(sign) < 0) {
            signs.append(signs.isEmpty() ? "" : " and ").append(sign);
          }
        }
      }

      Effort effort() {
        if (points >= HARD_FROM) {
          return new Effort(Difficulty.HARD, harder.toString());
        }
        return points <= SIMPLE_TO
            ? new Effort(Difficulty.SIMPLE, easier.toString())
            : new Effort(Difficulty.USUAL, "default");
      }
    }
  }
}
