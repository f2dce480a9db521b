package dev.tutti.dialects;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// How an Ollama is to hold a model in memory: the part of a request that is not about the answer.
/// Source: the runner's options in Ollama's `api/types.go`, and `keep_alive` in its `docs/api.md`.
///
/// A model that is asked for with other values of these options than it was loaded with is loaded
/// anew.
///
/// @param options of {@link #OPTIONS} only, by name
/// @param keepAlive how long the model stays after its last use, when somebody says
public record OllamaLoad(Map<String, JsonNode> options, Optional<JsonNode> keepAlive) {
  /// The option for the context's length.
  public static final String CONTEXT = "num_ctx";

  /// The options that belong to a loaded model and not to a request.
  public static final Set<String> OPTIONS =
      Set.of(
          CONTEXT,
          "num_batch",
          "num_gpu",
          "main_gpu",
          "num_thread",
          "use_mmap",
          "use_mlock",
          "numa",
          "low_vram",
          "draft_num_predict");

  /// Nothing said.
  public static final OllamaLoad NONE = new OllamaLoad(Map.of(), Optional.empty());

  /// As long as nobody unloads it.
  public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  private static final String OPTIONS_FIELD = "options";
  private static final String KEEP_ALIVE_FIELD = "keep_alive";

  /// Longer texts, in characters, are no duration; matching them would take long.
  private static final int MAX_DURATION_CHARS = 64;

  /// Longer than any machine runs, in seconds; a sum of durations must not overflow.
  private static final double MAX_SECONDS = 1e9;

  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");

  /// Copies the map.
  public OllamaLoad {
    options = Map.copyOf(options);
  }

  /// What a request says about it.
  public static OllamaLoad of(Work work) {
    return switch (work) {
      case Work.Chat chat -> new OllamaLoad(chosen(chat.sampling().options()), chat.keepAlive());
      case Work.Completion text ->
          new OllamaLoad(chosen(text.sampling().options()), text.keepAlive());
      case Work.Embedding embedding ->
          new OllamaLoad(chosen(options(embedding)), embedding.keepAlive());
      case Work.Residency residency ->
          new OllamaLoad(chosen(residency.options()), residency.keepAlive());
      case Work.Continued(var whole, _) -> of(whole);
      case Work.TokenCount _, Work.Rerank _, Work.Transcription _ -> NONE;
    };
  }

  /// An embedding's options are among the fields that only an Ollama knows.
  private static Map<String, JsonNode> options(Work.Embedding embedding) {
    JsonNode options = embedding.extra().get(OPTIONS_FIELD);
    if (embedding.from() != Dialect.OLLAMA || options == null || !options.isObject()) {
      return Map.of();
    }
    var named = new TreeMap<String, JsonNode>();
    options.properties().forEach(option -> named.put(option.getKey(), option.getValue()));
    return named;
  }

  private static Map<String, JsonNode> chosen(Map<String, JsonNode> options) {
    var chosen = new TreeMap<String, JsonNode>();
    options.forEach((name, value) -> {
      if (OPTIONS.contains(name) && !value.isNull()) {
        chosen.put(name, value);
      }
    });
    return chosen;
  }

  /// The context's length in tokens, when it is said and can be meant.
  public OptionalInt context() {
    return context(options);
  }

  private static OptionalInt context(Map<String, JsonNode> options) {
    JsonNode value = options.get(CONTEXT);
    return value != null && value.isNumber() && value.canConvertToInt() && value.asInt() > 0
        ? OptionalInt.of(value.asInt())
        : OptionalInt.empty();
  }

  /// The context that a piece of work asks for, when it does.
  public static OptionalInt contextOf(Work work) {
    return of(work).context();
  }

  /// The options without the context.
  public Map<String, JsonNode> others() {
    var others = new TreeMap<>(options);
    others.remove(CONTEXT);
    return others;
  }

  /// How long to keep the model, when it is said in a way that can be read: a number of seconds or
  /// a Go duration; anything negative is {@link #FOREVER}.
  public Optional<Duration> keepFor() {
    return keepAlive.flatMap(OllamaLoad::duration);
  }

  private static Optional<Duration> duration(JsonNode value) {
    if (value.isNumber()) {
      return Optional.of(seconds(Fields.toDouble(value)));
    }
    String text = value.isString() ? value.stringValue().strip() : "";
    if (text.isEmpty() || text.length() > MAX_DURATION_CHARS) {
      return Optional.empty();
    }
    boolean negative = text.startsWith("-");
    String parts = negative || text.startsWith("+") ? text.substring(1) : text;
    if (parts.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    double sum = 0;
    int end = 0;
    for (Matcher part = PART.matcher(parts); part.find() && part.start() == end; ) {
      sum += Double.parseDouble(part.group(1)) * unit(part.group(2));
      end = part.end();
    }
    return end == 0 || end < parts.length()
        ? Optional.empty()
        : Optional.of(seconds(negative ? -sum : sum));
  }

  private static double unit(String name) {
    return switch (name) {
      case "ns" -> 1e-9;
      case "ms" -> 1e-3;
      case "s" -> 1;
      case "m" -> 60;
      case "h" -> 3_600;
      default -> 1e-6;
    };
  }

  private static Duration seconds(double seconds) {
    return seconds < 0 || seconds > MAX_SECONDS
        ? FOREVER
        : Duration.ofMillis(Math.round(seconds * 1_000));
  }

  /// The value of `keep_alive` for a duration.
  public static JsonNode keepAlive(Duration duration) {
    var holder = Json.object();
    if (duration.equals(FOREVER)) {
      holder.put(KEEP_ALIVE_FIELD, -1);
    } else if (duration.toMillisPart() == 0) {
      holder.put(KEEP_ALIVE_FIELD, (int) duration.toSeconds());
    } else {
      holder.put(KEEP_ALIVE_FIELD, duration.toMillis() + "ms");
    }
    return holder.get(KEEP_ALIVE_FIELD);
  }

  /// Puts this in a request's body in the place of what is there about it.
  void into(ObjectNode body) {
    ObjectNode fresh = Json.object();
    if (body.get(OPTIONS_FIELD) instanceof ObjectNode given) {
      // A slice of the client's request is never changed.
      given
          .properties()
          .forEach(option -> {
            if (!OPTIONS.contains(option.getKey())) {
              fresh.set(option.getKey(), option.getValue());
            }
          });
    }
    new TreeMap<>(options).forEach(fresh::set);
    if (fresh.isEmpty()) {
      body.remove(OPTIONS_FIELD);
    } else {
      body.set(OPTIONS_FIELD, fresh);
    }
    keepAlive.ifPresentOrElse(
        value -> body.set(KEEP_ALIVE_FIELD, value), () -> body.remove(KEEP_ALIVE_FIELD));
  }
}
