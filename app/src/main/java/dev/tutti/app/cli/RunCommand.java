package dev.tutti.app.cli;

import dev.tutti.core.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/// `tutti run`: one question, one answer.
@Command(
    name = "run",
    description = {
      "Ask a model once; the answer streams to standard output.",
      "The prompt is what follows the model, after it what is piped in."
    })
final class RunCommand implements Callable<Integer> {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Session session;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A model, or auto, or auto:TYPE to let the hub choose.")
  private String model = "";

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "PROMPT", description = "The question.")
  private List<String> prompt = new ArrayList<>();

  @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told first.")
  private String system = "";

  @Option(names = "--type", paramLabel = "TYPE", description = "The kind of work, for routing.")
  private String type = "";

  @Option(names = "--node", paramLabel = "NODE", description = "Run on this node and no other.")
  private String node = "";

  @Option(names = "--priority", paramLabel = "0-9", description = "9 goes first. Default: 5.")
  private int priority = -1;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "The longest answer. Default: what the model likes.")
  private int maxTokens;

  @Option(names = "--thinking", description = "Show what the model thinks, on standard error.")
  private boolean thinking;

  @Option(
      names = "--why",
      description = "Say on standard error which node answered, how fast, and why that one.")
  private boolean why;

  RunCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var text = new ArrayList<>(List.of(String.join(" ", prompt), Prompts.piped(session)));
    text.removeIf(String::isBlank);
    if (text.isEmpty()) {
      throw new CliException(Exit.USAGE, "PROMPT: nothing (expected: a question)");
    }
    if (priority < -1 || priority > 9) {
      throw new CliException(Exit.USAGE, "--priority: " + priority + " (expected: 0 to 9)");
    }
    var time = session.environment().time();
    long askedNanos = time.nanos();
    var answer =
        session.hub().open("/v1/chat/completions", body(String.join("\n\n", text)), headers());
    var printer = new Printer(session.output(), time);
    try (var _ = answer.body()) {
      var end = new AnswerStream(answer).read(printer);
      printer.finish(answer, end, askedNanos);
    } catch (IOException e) {
      throw new CliException(Exit.FAILED, "the answer broke off: " + e.getMessage(), e);
    }
    return Exit.OK.code();
  }

  private ObjectNode body(String text) {
    var body = Json.object().put("model", model).put("stream", true);
    body.putObject("stream_options").put("include_usage", true);
    if (maxTokens > 0) {
      body.put("max_tokens", maxTokens);
    }
    var messages = body.putArray("messages");
    if (!system.isBlank()) {
      messages.addObject().put("role", "system").put("content", system);
    }
    messages.addObject().put("role", "user").put("content", text);
    return body;
  }

  private Map<String, String> headers() {
    var headers = new LinkedHashMap<String, String>();
    if (!type.isEmpty()) {
      headers.put("x-tutti-type", type);
    }
    if (!node.isEmpty()) {
      headers.put("x-tutti-node", node);
    }
    if (priority >= 0) {
      headers.put("x-tutti-priority", Integer.toString(priority));
    }
    return headers;
  }

  /// Prints an answer as it comes, and what there is to say about it afterwards.
  private final class Printer implements AnswerStream.Listener {
    private final Output out;
    private final Time time;
    private OptionalLong firstNanos = OptionalLong.empty();
    private boolean openLine;

    private Printer(Output out, Time time) {
      this.out = out;
      this.time = time;
    }

    @Override
    public void text(String piece) {
      began();
      if (out.isJson()) {
        out.documentLine(Json.object().put("type", "text").put("text", piece));
      } else {
        out.piece(piece);
        openLine = !piece.endsWith("\n");
      }
    }

    @Override
    public void thinking(String piece) {
      began();
      if (out.isJson()) {
        out.documentLine(Json.object().put("type", "thinking").put("text", piece));
      } else if (thinking) {
        session.streams().err().print(Text.harmlessLines(piece));
        session.streams().err().flush();
      }
    }

    private void began() {
      if (firstNanos.isEmpty()) {
        firstNanos = OptionalLong.of(time.nanos());
      }
    }

    private void finish(HubClient.Answer answer, AnswerStream.End end, long askedNanos) {
      long endNanos = time.nanos();
      long first = firstNanos.orElse(endNanos);
      if (out.isJson()) {
        out.documentLine(summary(answer, end, first - askedNanos, endNanos - askedNanos));
        return;
      }
      if (openLine) {
        out.piece("\n");
      }
      if (why) {
        out.note(words(answer, end, askedNanos, first, endNanos));
      }
      Prompts.warnIfSimulated(answer, out);
    }

    private ObjectNode summary(
        HubClient.Answer answer, AnswerStream.End end, long firstNanos, long totalNanos) {
      var line = Json.object().put("type", "end").put("finish", end.finish());
      for (var name : List.of("task", "node", "backend", "model", "attempts", "queue-ms", "why")) {
        var value = answer.told(name);
        if (!value.isEmpty()) {
          line.put(name.replace('-', '_'), value);
        }
      }
      line.put("simulated", Prompts.isSimulated(answer));
      end.promptTokens().ifPresent(tokens -> line.put("prompt_tokens", tokens));
      end.outputTokens().ifPresent(tokens -> line.put("output_tokens", tokens));
      line.put("first_ms", Duration.ofNanos(firstNanos).toMillis());
      line.put("total_ms", Duration.ofNanos(totalNanos).toMillis());
      return line;
    }

    private String words(
        HubClient.Answer answer, AnswerStream.End end, long askedNanos, long first, long endNanos) {
      var words = new ArrayList<String>();
      words.add(answer.told("model") + " on " + answer.told("node"));
      told(words, "backend ", answer.told("backend"), "");
      told(words, "waited ", answer.told("queue-ms"), " ms");
      words.add("first token after " + Text.duration(Duration.ofNanos(first - askedNanos)));
      long writingNanos = endNanos - first;
      if (end.outputTokens().isPresent() && writingNanos > 0) {
        double tokens = end.outputTokens().getAsLong();
        words.add(
            String.format(Locale.ROOT, "%.1f tokens/s", tokens * NANOS_PER_SECOND / writingNanos));
      }
      told(words, "attempts ", answer.told("attempts"), "");
      told(words, "", answer.told("why"), "");
      return String.join(" · ", words);
    }

    private static void told(List<String> words, String before, String value, String after) {
      if (!value.isEmpty()) {
        words.add(before + value + after);
      }
    }
  }
}
