package dev.tutti.dispatch.predict;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskType;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.NodeView;
import dev.tutti.fleet.Tier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was learned from the answers so far: for each engine and model how fast it reads, writes
/// and loads; for each kind of task how long its answer becomes. Owner loop only.
///
/// What an engine tells of its own durations counts most, since no network and no queue is in them;
/// where it tells nothing our own clock serves. Before the first answer there is a guess by the
/// kind of machine and the size of the model.
///
/// @param <W> the work
public final class Experience<W> implements Foresight<W> {
  /// The most pairs of engine and model remembered; the one unused for longest goes first.
  static final int MAX_PAIRS = 4_096;

  /// The most of each kind that is saved.
  static final int MAX_SAVED = 512;

  private static final String SPLIT = "\n";
  private static final String PACE = "pace" + SPLIT;
  private static final String LENGTH = "length" + SPLIT;
  private static final String RATIO = "prompt" + SPLIT;

  /// Prompts and answers shorter than this tell nothing of a pace: their time is all overhead.
  private static final int LEAST_TOKENS = 4;

  /// From this share of its limit on, an answer counts as ended by the limit.
  private static final double AT_LIMIT = 0.9;

  /// A model's size when nobody says, in bytes: seven billion parameters in four bits.
  private static final double USUAL_BYTES = 4.5e9;

  private final Map<Pair, Known> pairs =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Pair, Known> eldest) {
          return size() > MAX_PAIRS;
        }
      };

  /// The names of kinds that were asked for last, so that they need not be put together each time.
  private final Map<Sort, String[]> sorts =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Sort, String[]> eldest) {
          return size() > Lengths.MAX_KINDS;
        }
      };

  private final Map<ModelName, Ratio> promptRatios = new LinkedHashMap<>();
  private final Lengths lengths = new Lengths();

  @Override
  public Pace pace(NodeView node, BackendView backend, ModelFacts model) {
    var pair = new Pair(backend.id(), model.name());
    Known known = pairs.get(pair);
    if (known == null) {
      known = prior(node, model);
      pairs.put(pair, known);
    }
    return known;
  }

  private static Known prior(NodeView node, ModelFacts model) {
    Tier tier = Tier.of(node.hardware());
    double bytes = sizeOf(model);
    double decode = tier.decodeMillis(bytes);
    double prefill = tier.prefillMillis(bytes);
    return new Known(
        new LinearCost(
            new double[] {prefill, prefill, decode * tier.sharing()}, new double[] {1, 0.3, 0.3}),
        new LinearCost(
            new double[] {decode, prefill, decode * tier.sharing()}, new double[] {1, 0.3, 0.3}),
        Known.loadPrior(bytes));
  }

  private static double sizeOf(ModelFacts model) {
    if (model.size().isKnown()) {
      return model.size().value();
    }
    return Optional.ofNullable(model.details().get("parameter_size"))
        .flatMap(Experience::bytesOf)
        .orElse(USUAL_BYTES);
  }

  /// `8.0B` and the like, at 4.8 bits for each.
  private static Optional<Double> bytesOf(String parameters) {
    try {
      String number = parameters.replaceAll("[^0-9.]", "");
      double scale = parameters.endsWith("M") ? 1e6 : 1e9;
      return Optional.of(Double.parseDouble(number) * scale * 4.8 / 8);
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  @Override
  public double outputTokens(Task<? extends W> task, double written) {
    String[] kinds = kinds(task, task.model());
    int limit = task.outputLimit();
    if (limit > 0 && lengths.runsToLimit(kinds)) {
      return Math.max(limit, written);
    }
    double expected = lengths.expected(kinds, written);
    return limit > 0 ? Math.max(Math.min(expected, limit), written) : expected;
  }

  @Override
  public double promptTokens(Task<? extends W> task) {
    Ratio ratio = promptRatios.get(task.model());
    return task.prompt().tokens() * (ratio == null ? 1 : ratio.value);
  }

  /// The kinds of tasks that one is of, the narrowest first.
  private String[] kinds(Task<?> task, ModelName model) {
    var sort = new Sort(model, task.type(), task.principal());
    String[] known = sorts.get(sort);
    if (known == null) {
      known = sort.names();
      sorts.put(sort, known);
    }
    return known;
  }

  /// What tasks have in common whose answers are of like length.
  private record Sort(ModelName model, TaskType type, String principal) {
    String[] names() {
      String word = type.wireName();
      return new String[] {model + "\n" + word + "\n" + principal, model + "\n" + word, word};
    }
  }

  @Override
  public int cachedTokens(Lesson<? extends W> lesson) {
    return pace(lesson.node(), lesson.backend(), lesson.model()) instanceof Known known
        ? known.cached(lesson)
        : lesson.usage().cachedTokens();
  }

  @Override
  public void learn(Lesson<? extends W> lesson) {
    if (!(pace(lesson.node(), lesson.backend(), lesson.model()) instanceof Known known)) {
      return;
    }
    AnswerUsage usage = lesson.usage();
    Task<? extends W> task = lesson.task();
    int output = usage.outputTokens() > 0 ? usage.outputTokens() : lesson.pieces();
    if (output > 0) {
      boolean limited = task.outputLimit() > 0 && output >= AT_LIMIT * task.outputLimit();
      lengths.add(kinds(task, task.model()), output, limited);
      if (!task.model().equals(lesson.model().name())) {
        lengths.add(kinds(task, lesson.model().name()), output, limited);
      }
    }
    known.learn(lesson, output);
    if (usage.promptTokens() > 0 && task.prompt().tokens() > 0) {
      promptRatios
          .computeIfAbsent(task.model(), _ -> new Ratio())
          .add((double) usage.promptTokens() / task.prompt().tokens());
      if (promptRatios.size() > MAX_PAIRS) {
        promptRatios.remove(promptRatios.keySet().iterator().next());
      }
    }
  }

  /// Everything that was learned, as rows of numbers under names, the newest last; at most {@link
  /// #MAX_SAVED} of each kind.
  public Map<String, double[]> save() {
    var saved = new LinkedHashMap<String, double[]>();
    newest(pairs)
        .forEach(entry -> {
          Pair pair = entry.getKey();
          if (entry.getValue().answered) {
            saved.put(PACE + pair.backend() + SPLIT + pair.model(), entry.getValue().save());
          }
        });
    newest(lengths.save()).forEach(entry -> saved.put(LENGTH + entry.getKey(), entry.getValue()));
    newest(promptRatios)
        .forEach(entry -> saved.put(RATIO + entry.getKey(), new double[] {entry.getValue().value}));
    return saved;
  }

  private static <K, V> List<Map.Entry<K, V>> newest(Map<K, V> all) {
    return all.entrySet().stream().skip(Math.max(0, all.size() - MAX_SAVED)).toList();
  }

  /// Goes on from what was saved, a little less sure of it. What cannot be read is left out.
  public void restore(Map<String, double[]> saved) {
    saved.forEach((name, values) -> {
      try {
        restore(name, values);
      } catch (IllegalArgumentException _) {
        // It was written by somebody who knew other names; it will be learned again.
      }
    });
  }

  private void restore(String name, double[] values) {
    if (name.startsWith(PACE) && values.length == Known.SAVED) {
      String[] pair = name.substring(PACE.length()).split(SPLIT, 2);
      if (pair.length == 2) {
        pairs.put(new Pair(new BackendId(pair[0]), new ModelName(pair[1])), Known.restore(values));
      }
    } else if (name.startsWith(LENGTH)) {
      lengths.restore(name.substring(LENGTH.length()), values);
    } else if (name.startsWith(RATIO) && values.length == 1) {
      var ratio = new Ratio();
      ratio.add(values[0]);
      promptRatios.put(new ModelName(name.substring(RATIO.length())), ratio);
    }
  }

  /// What is known of each engine and model, for people.
  public List<Row> rows() {
    return pairs.entrySet().stream()
        .map(entry -> entry.getValue().row(entry.getKey().backend, entry.getKey().model))
        .toList();
  }

  /// One engine with one model.
  ///
  /// @param prefillPerSecond tokens it reads in a second, alone
  /// @param decodePerSecond tokens it writes in a second, alone
  /// @param sharing how much longer a written token takes for each further attempt, as a share
  /// @param loadMillis to bring the model into memory
  /// @param spread how far off the pace of writing usually is, as a share
  /// @param answers how many answers it was learned from
  /// @param measured whether it was measured, and not only expected of such a machine
  public record Row(
      BackendId backend,
      ModelName model,
      double prefillPerSecond,
      double decodePerSecond,
      double sharing,
      double loadMillis,
      double spread,
      int answers,
      boolean measured) {}

  private record Pair(BackendId backend, ModelName model) {}

  /// A figure that follows what was seen last.
  private static final class Ratio {
    private static final double PART = 0.1;
    double value = 1;
    private boolean seen;

    void add(double next) {
      value = seen ? value + PART * (next - value) : next;
      seen = true;
    }
  }

  /// What is known of one pair.
  private static final class Known implements Pace {
    /// Bytes of a model that are brought into memory in a millisecond, when nothing was seen yet:
    /// an ordinary solid-state disk.
    private static final double USUAL_LOAD_BYTES = 1.2e6;

    private static final double PART = 0.3;

    /// What an engine does not tell of its own time is at most so much overhead, in milliseconds:
    /// more than that is a queue of its own.
    private static final double MOST_OVERHEAD = 2_000;

    private final LinearCost reading;
    private final LinearCost writing;
    private double load;
    private double overhead = 20;
    private double perPiece = 1;
    private boolean loadSeen;
    private boolean answered;

    Known(LinearCost reading, LinearCost writing, double load) {
      this.reading = reading;
      this.writing = writing;
      this.load = load;
    }

    /// Two costs with three parts, answers and spread each; then load, overhead and tokens per
    /// piece.
    static final int SAVED = 2 * 5 + 3;

    double[] save() {
      double[] saved = Arrays.copyOf(reading.save(), SAVED);
      System.arraycopy(writing.save(), 0, saved, 5, 5);
      saved[10] = load;
      saved[11] = overhead;
      saved[12] = perPiece;
      return saved;
    }

    static Known restore(double[] saved) {
      var known =
          new Known(
              LinearCost.restore(Arrays.copyOfRange(saved, 0, 5)),
              LinearCost.restore(Arrays.copyOfRange(saved, 5, 10)),
              saved[10]);
      known.overhead = saved[11];
      known.perPiece = saved[12];
      known.loadSeen = true;
      known.answered = true;
      return known;
    }

    static double loadPrior(double bytes) {
      return 500 + bytes / USUAL_LOAD_BYTES;
    }

    void learn(Lesson<?> lesson, int output) {
      AnswerUsage usage = lesson.usage();
      int cached = cached(lesson);
      int prompt =
          usage.promptTokens() > 0 ? usage.promptTokens() : lesson.task().prompt().tokens();
      int read = prompt - cached;
      double loadMillis = usage.loadNanos() / 1e6;
      double readMillis =
          usage.promptNanos() > 0
              ? usage.promptNanos() / 1e6
              : lesson.firstMillis() - loadMillis - overhead;
      boolean clean = usage.promptNanos() > 0 || lesson.resident();
      if (read >= LEAST_TOKENS && readMillis > 0 && clean) {
        reading.add(readMillis, read, lesson.reading().read(), lesson.reading().written());
      }
      double writeMillis =
          usage.outputNanos() > 0 ? usage.outputNanos() / 1e6 : lesson.writeMillis();
      int written = usage.outputNanos() > 0 ? output : output - 1;
      if (written >= LEAST_TOKENS && writeMillis > 0) {
        writing.add(writeMillis, written, lesson.writing().read(), lesson.writing().written());
      }
      if (!lesson.resident()) {
        learnLoad(lesson, loadMillis);
      }
      if (usage.promptNanos() > 0) {
        double rest = lesson.firstMillis() - loadMillis - readMillis;
        overhead += PART * (Math.clamp(rest, 0, MOST_OVERHEAD) - overhead);
      } else if (read < LEAST_TOKENS && lesson.resident()) {
        // All that is known of such an answer is how long it took.
        overhead += (answered ? PART : 1) * (lesson.firstMillis() - overhead);
      }
      if (lesson.pieces() > 1 && output > 0) {
        perPiece += answered ? PART * ((double) output / lesson.pieces() - perPiece) : 0;
        perPiece = answered ? perPiece : (double) output / lesson.pieces();
      }
      answered = true;
    }

    /// Tokens of the prompt that the engine had in its cache. Many engines do not say: then how
    /// long they read tells which is more likely, that they had what was expected or nothing.
    int cached(Lesson<?> lesson) {
      AnswerUsage usage = lesson.usage();
      int expected = lesson.cachedExpected();
      if (usage.cachedTokens() > 0 || expected == 0 || usage.promptNanos() == 0) {
        return usage.cachedTokens();
      }
      int prompt =
          usage.promptTokens() > 0 ? usage.promptTokens() : lesson.task().prompt().tokens();
      Lesson.Others others = lesson.reading();
      double all = reading.millis(prompt, others.read(), others.written());
      double rest = reading.millis(Math.max(1, prompt - expected), others.read(), others.written());
      double seen = usage.promptNanos() / 1e6;
      boolean had = reading.isMeasured() && seen * seen < all * rest;
      return had ? Math.min(expected, prompt) : 0;
    }

    private void learnLoad(Lesson<?> lesson, double told) {
      double seen = told > 0 ? told : lesson.firstMillis() - overhead;
      if (seen > 0) {
        load = loadSeen ? load + PART * (seen - load) : seen;
        loadSeen = true;
      }
    }

    Row row(BackendId backend, ModelName model) {
      return new Row(
          backend,
          model,
          1e3 / reading.cost(0),
          1e3 / writing.cost(0),
          writing.cost(2) / writing.cost(0),
          load,
          spread(),
          writing.answers(),
          isMeasured());
    }

    @Override
    public double readMillis(double own, double othersRead, double othersWritten) {
      return reading.millis(own, othersRead, othersWritten);
    }

    @Override
    public double writeMillis(double own, double othersRead, double othersWritten) {
      return writing.millis(own, othersRead, othersWritten);
    }

    @Override
    public double loadMillis() {
      return load;
    }

    @Override
    public double overheadMillis() {
      return overhead;
    }

    @Override
    public double tokensPerPiece() {
      return perPiece;
    }

    @Override
    public boolean isMeasured() {
      return writing.isMeasured();
    }

    @Override
    public double spread() {
      return writing.spread();
    }
  }
}
