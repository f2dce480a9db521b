package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.dispatch.predict.Foresight;
import dev.tutti.dispatch.predict.Honesty;
import dev.tutti.dispatch.predict.Lesson;
import dev.tutti.dispatch.predict.Pace;
import dev.tutti.dispatch.predict.PrefixIndex;

/// What is to be expected of a task in a place, and of an attempt that runs. Owner loop only.
final class Outlook<W, E> {
  /// A prompt that is being read is never thought to be nearer to its end than this share.
  private static final double LEAST_READ_LEFT = 0.05;

  /// An answer that is being written is never thought to be nearer to its end than this, in tokens.
  private static final double LEAST_WRITE_LEFT = 1;

  /// An attempt is never thought to be nearer to its end than this, in milliseconds.
  private static final double LEAST_LEFT = 5;

  /// What an engine says of its cache may be so many tokens off what was expected before anything
  /// is made of it: templates, and the last token that is always read again.
  private static final int CACHE_TOLERANCE = 64;

  private final Foresight<W> foresight;
  private final Floor<W, E> floor;
  private final Time time;
  private final PrefixIndex prefixes = new PrefixIndex();
  private final Honesty honesty = new Honesty();

  Outlook(Foresight<W> foresight, Floor<W, E> floor, Time time) {
    this.foresight = foresight;
    this.floor = floor;
    this.time = time;
  }

  /// What a task asks of whoever takes it, as far as it is the same everywhere.
  ///
  /// @param model the model that would answer
  Demand demand(Task<W> task, ModelName model) {
    return new Demand(
        foresight.promptTokens(task),
        foresight.outputTokens(task, 0),
        prefixes.match(model, task.prompt()),
        task.contextTokens());
  }

  /// What a task needs in that place once it has a slot there, in the company that it finds.
  Prediction in(
      Fit.Place place, Demand demand, double waitMillis, Company company, double stretch) {
    Pace pace = pace(place);
    int cached = demand.match.tokens(place.backend().id());
    double read = Math.max(0, demand.promptTokens - cached);
    double write = demand.outputTokens;
    return new Prediction(
        waitMillis,
        load(place, pace, demand, waitMillis),
        pace.overheadMillis() + pace.readMillis(read, company.readWithin(read), 0),
        stretch
            * pace.writeMillis(
                write,
                Math.min(company.readBeyond(read), Company.CHUNK * write),
                company.writtenWithin(write)),
        company.harm(pace, read, write),
        company.saving(pace, write),
        read,
        write,
        pace.tokensPerPiece(),
        cached,
        pace.isMeasured());
  }

  /// The same for a task that would start there now, whoever else is there.
  Prediction alone(Fit.Place place, Task<W> task, Desk<W, E> desk) {
    return in(place, demand(task, place.model().name()), 0, Company.NONE, desk.stretch());
  }

  /// What is still to be waited for until a model is there that the engine does not show yet: one
  /// attempt brings it into memory, and the others find it on its way.
  private double load(Fit.Place place, Pace pace, Demand demand, double waitMillis) {
    if (place.loaded()) {
      return 0;
    }
    Desk<W, E> desk = floor.desk(place.backend().id());
    double left =
        desk == null ? -1 : desk.loadLeft(place.model().name(), demand.contextTokens, time.nanos());
    return left < 0 ? pace.loadMillis() : Math.max(0, left - waitMillis);
  }

  /// What it needs there at the very least, in milliseconds: at once, and alone.
  ///
  /// @param guessed what a millisecond counts where nothing was measured yet
  double least(Fit.Place place, Demand demand, double stretch, double guessed) {
    Pace pace = pace(place);
    double read = Math.max(0, demand.promptTokens - demand.match.tokens(place.backend().id()));
    double alone =
        load(place, pace, demand, 0)
            + pace.overheadMillis()
            + pace.readMillis(read, 0, 0)
            + stretch * pace.writeMillis(demand.outputTokens, 0, 0);
    return pace.isMeasured() ? alone : guessed * alone;
  }

  private Pace pace(Fit.Place place) {
    return foresight.pace(place.node(), place.backend(), place.model());
  }

  /// What a task asks for.
  ///
  /// @param promptTokens of its prompt
  /// @param outputTokens of its answer, as expected
  /// @param match which engines have how much of its prompt
  /// @param contextTokens the context that it asks for, 0 when it does not say
  record Demand(
      double promptTokens, double outputTokens, PrefixIndex.Match match, int contextTokens) {}

  /// What a task is worth in fairness: the tokens that an engine writes for it, and a tenth of
  /// those that it reads.
  double work(Task<W> task) {
    return Math.max(1, foresight.outputTokens(task, 0) + 0.1 * foresight.promptTokens(task));
  }

  /// Tokens of a running attempt's prompt that are still to be read, about.
  double readLeft(Run<W, E> run, long now) {
    if (run.events > 0) {
      return 0;
    }
    double expected = run.prediction.firstMillis() - run.prediction.waitMillis();
    double elapsed = (now - run.startedNanos) / 1e6;
    double left = expected <= 0 ? 0 : 1 - elapsed / expected;
    return run.readTokens * Math.max(LEAST_READ_LEFT, left);
  }

  /// Tokens of a running attempt's answer that are still to be written, about.
  double writeLeft(Run<W, E> run) {
    double written = run.events * run.perPiece;
    return Math.max(LEAST_WRITE_LEFT, foresight.outputTokens(run.job.task, written) - written);
  }

  /// Milliseconds until a running attempt is over, in the company that it has.
  double left(Run<W, E> run, double readLeft, double writeLeft, Company company, long now) {
    Pace pace = pace(run.place);
    double write =
        run.desk.stretch()
            * pace.writeMillis(
                writeLeft, company.readBeyond(readLeft), company.writtenWithin(writeLeft));
    if (run.events == 0) {
      double read = pace.readMillis(readLeft, company.readWithin(readLeft), 0);
      double before = run.prediction.loadMillis() + pace.overheadMillis();
      double load = Math.max(0, before - (now - run.startedNanos) / 1e6);
      return load + read + write;
    }
    if (run.events >= 2 && !pace.isMeasured()) {
      write = writeLeft * run.perEventMillis() / run.perPiece;
    }
    return Math.max(LEAST_LEFT, write - (now - run.lastNanos) / 1e6);
  }

  /// Whether what is expected of the attempt rests on anything that was seen.
  boolean isLearned(Run<W, E> run) {
    return run.events >= 2 || pace(run.place).isMeasured();
  }

  /// How good the predictions for that model have been, and whether they are used.
  Honesty.Verdict honesty(ModelName model) {
    return honesty.of(model);
  }

  /// Whether who always says the median has done better for that model lately.
  boolean isBeaten(ModelName model) {
    return honesty.isBeaten(model);
  }

  /// The engine begins to read the task's prompt.
  void begun(Run<W, E> run) {
    Fit.Place place = run.place;
    int known = foresight.cacheTokens(place.node(), place.backend(), place.model());
    int usual = PrefixIndex.USUAL_TOKENS_PER_SLOT * Math.max(1, place.backend().slots());
    prefixes.read(
        run.desk.id, run.assignment.model(), run.job.task.prompt(), known > 0 ? known : usual);
  }

  /// An attempt ended well.
  void learn(Run<W, E> run, AnswerUsage usage, long now) {
    if (run.prediction.measured()) {
      honesty.add(
          run.job.task.model(),
          run.prediction.endMillis() - run.prediction.waitMillis(),
          (now - run.startedNanos) / 1e6);
    }
    long first = run.events == 0 ? now : run.firstNanos;
    if (run.prediction.measured()) {
      run.desk.wrote((now - first) / 1e6, run.prediction.decodeMillis() / run.stretch);
    }
    var lesson =
        new Lesson<>(
            run.job.task,
            run.place.node(),
            run.place.backend(),
            run.place.model(),
            usage,
            run.events,
            (first - run.startedNanos) / 1e6,
            (now - first) / 1e6,
            run.desk.others(run, run.startedNanos, first, now),
            run.desk.others(run, first, now, now),
            run.prediction.cachedTokens(),
            run.place.loaded() || run.prediction.loadMillis() <= 0);
    if (usage.cachedTokens() > 0 || usage.promptNanos() > 0) {
      prefixes.told(
          run.desk.id,
          run.assignment.model(),
          run.prediction.cachedTokens(),
          foresight.cachedTokens(lesson),
          CACHE_TOLERANCE);
    }
    foresight.learn(lesson);
  }

  /// The engine's cache is empty: it is gone, or has forgotten the model.
  void forget(BackendId backend, ModelName model) {
    prefixes.forget(backend, model);
  }
}
