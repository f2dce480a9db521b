package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.dispatch.Candidate.Match;
import dev.tutti.dispatch.ModelIndex.Holder;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import dev.tutti.fleet.ModelTypes;
import dev.tutti.fleet.NodeView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BiFunction;

/// Works out where tasks of a shape may run: pure.
///
/// A named model is answered by its holders and nobody else. Only if the client consents to a
/// substitute and no holder takes work, another model of the same type may answer; while a holder
/// is merely busy the task waits for it. Holders that are suspect or gray get what nobody else can
/// do. Where the choice is ours (`auto`), {@link Wish} says which of the models that can do the
/// task are preferred; each backend stands for its best one, and simulated engines stand back while
/// any real one takes work.
final class Fitting {
  private static final String EMBEDDING = "embedding";
  private static final String THINKING = "thinking";

  /// A need of which no engine tells: every model named by a client may have it, and the engine
  /// says so if it has not.
  private static final String RERANK = "rerank";

  /// Of several models on one backend: made for the task, then in memory already with enough
  /// context, then by name.
  private static final Comparator<Fit.Place> BEST_OF_BACKEND =
      Comparator.comparing(Fit.Place::match)
          .thenComparing(place -> !place.loaded())
          .thenComparing(place -> place.model().name());

  private Fitting() {}

  static Fit fit(ModelIndex index, Shape shape) {
    if (shape.pin().isPresent() && !index.knows(shape.pin().get())) {
      return notFound("node \"" + shape.pin().get() + "\" not found");
    }
    return shape.model().isAuto() ? auto(index, shape) : named(index, shape);
  }

  private static Fit named(ModelIndex index, Shape shape) {
    var holders =
        index.holders(shape.model()).stream()
            .filter(holder -> isPinned(shape, holder.node()))
            .filter(holder -> mayContinue(shape, holder));
    var able = new ArrayList<Fit.Place>();
    Optional<String> lack = Optional.empty();
    for (Holder holder : holders.toList()) {
      Optional<String> lacking = lacking(shape, holder.backend(), holder.model());
      if (lacking.isEmpty()) {
        able.add(
            Fit.Place.of(
                holder.backend(),
                holder.node(),
                holder.model(),
                Match.EXACT,
                shape.contextTokens()));
      } else {
        lack = lacking;
      }
    }
    if (able.isEmpty() && lack.isPresent()) {
      return new Fit.Refused(Failure.invalid(lack.get()));
    }
    var live = able.stream().filter(place -> place.backend().takesWork()).toList();
    if (live.isEmpty() && shape.substitute()) {
      var others = substitutes(index, shape, able);
      if (!others.isEmpty()) {
        able.addAll(others);
        return Fit.Places.of(able, others);
      }
    }
    if (able.isEmpty() && !index.mayComeBack(shape.model())) {
      return unknownModel(shape);
    }
    return Fit.Places.of(able, live.isEmpty() ? lastResorts(able) : live);
  }

  /// Whom nobody trusts just now, for work that nobody else can do.
  private static List<Fit.Place> lastResorts(List<Fit.Place> all) {
    return all.stream().filter(place -> place.backend().takesWorkAsLast()).toList();
  }

  private static Fit unknownModel(Shape shape) {
    String where = shape.pin().map(node -> " on node \"" + node + "\"").orElse("");
    return notFound("model \"" + shape.model() + "\" not found" + where + ", try pulling it first");
  }

  private static List<Fit.Place> substitutes(ModelIndex index, Shape shape, List<Fit.Place> exact) {
    ModelType type =
        exact.isEmpty()
            ? ModelTypes.classify(shape.model(), List.of())
            : exact.getFirst().model().type();
    return bestOfEach(
            index,
            shape,
            (backend, model) ->
                model.type() == type && lacking(shape, backend, model).isEmpty()
                    ? Optional.of(Match.SUBSTITUTE)
                    : Optional.empty())
        .stream()
        .filter(place -> place.backend().takesWork())
        .filter(place -> !isSimulated(place.backend()) || shape.model().isSimulated())
        .toList();
  }

  private static Fit auto(ModelIndex index, Shape shape) {
    Optional<ModelType> wanted = wantedType(shape);
    if (wanted.isEmpty()) {
      return notFound(
          "model \""
              + shape.model()
              + "\" not found (expected: auto or auto:TYPE, like auto:code)");
    }
    List<Fit.Place> able = able(index, shape, wanted.get());
    if (able.isEmpty()) {
      return notFound(
          "no known model can take \""
              + shape.model()
              + "\" for a "
              + shape.type().wireName()
              + " task");
    }
    var live = able.stream().filter(place -> place.backend().takesWork()).toList();
    var real = live.stream().filter(place -> !isSimulated(place.backend())).toList();
    List<Fit.Place> choice = real.isEmpty() ? live : real;
    List<Fit.Place> all = bestByWish(able, wish(index, shape, choice.isEmpty() ? able : choice));
    if (choice.isEmpty()) {
      return Fit.Places.of(all, lastResorts(all));
    }
    return Fit.Places.of(
        all,
        all.stream()
            .filter(place -> place.backend().takesWork())
            .filter(place -> real.isEmpty() || !isSimulated(place.backend()))
            .filter(place -> shape.substitute() || place.match() != Match.LESSER)
            .toList());
  }

  /// Every model of every backend that can do the task.
  private static List<Fit.Place> able(ModelIndex index, Shape shape, ModelType wanted) {
    var places = new ArrayList<Fit.Place>();
    for (NodeView node : index.view().nodes()) {
      if (!isPinned(shape, node)) {
        continue;
      }
      for (BackendView backend : node.backends()) {
        for (ModelFacts model : backend.facts().models()) {
          autoMatch(shape, wanted, backend, model)
              .map(match -> Fit.Place.of(backend, node, model, match, shape.contextTokens()))
              .ifPresent(places::add);
        }
      }
    }
    return places;
  }

  private static Wish wish(ModelIndex index, Shape shape, List<Fit.Place> choice) {
    var models = choice.stream().map(Fit.Place::model).toList();
    var suited =
        choice.stream().filter(place -> place.match() == Match.TYPE).map(Fit.Place::model).toList();
    return Wish.of(
        index.rules().preferred(shape.type(), shape.difficulty()),
        shape.difficulty(),
        suited.isEmpty() ? models : suited,
        models);
  }

  /// The best place of each backend.
  private static List<Fit.Place> bestByWish(List<Fit.Place> able, Wish wish) {
    var order =
        Comparator.comparing(Fit.Place::match)
            .thenComparing(place -> !place.loaded())
            .thenComparingDouble(place -> wish.distance(place.model()))
            .thenComparing(place -> place.model().name());
    var best = new LinkedHashMap<BackendId, Fit.Place>();
    for (Fit.Place place : able) {
      Fit.Place ranked = wish.suits(place.model()) ? place : place.as(Match.LESSER);
      best.merge(place.backend().id(), ranked, (a, b) -> order.compare(b, a) < 0 ? b : a);
    }
    return List.copyOf(best.values());
  }

  /// The type named after `auto:`, else the one that suits the task; empty for a word nobody knows.
  private static Optional<ModelType> wantedType(Shape shape) {
    String name = shape.model().value();
    int colon = name.indexOf(':');
    if (colon < 0) {
      return Optional.of(suitable(shape.type()));
    }
    String word = name.substring(colon + 1);
    for (ModelType type : ModelType.values()) {
      if (type.wireName().equals(word)) {
        return Optional.of(type);
      }
    }
    return TaskType.of(word).map(Fitting::suitable);
  }

  private static ModelType suitable(TaskType type) {
    return switch (type) {
      case CODE -> ModelType.CODE;
      case VISION -> ModelType.VISION;
      case EMBED -> ModelType.EMBEDDING;
      case CHAT,
          SUMMARIZE,
          CLASSIFY,
          COUNT,
          LOAD,
          REASON,
          WRITE,
          ANALYZE,
          QA,
          ROUTE,
          BROWSER,
          SCRAPE,
          DTOOLS,
          FORM_FILL ->
          ModelType.TEXT;
    };
  }

  private static Optional<Match> autoMatch(
      Shape shape, ModelType wanted, BackendView backend, ModelFacts model) {
    if (shape.needs().contains(RERANK)) {
      boolean named = model.name().value().toLowerCase(Locale.ROOT).contains(RERANK);
      return named ? Optional.of(Match.TYPE) : Optional.empty();
    }
    boolean embeds =
        model.type() == ModelType.EMBEDDING || model.capabilities().contains(EMBEDDING);
    boolean sees = model.type() == ModelType.VISION || model.capabilities().contains("vision");
    if (lacking(shape, backend, model).isPresent()
        || (wanted == ModelType.EMBEDDING && !embeds)
        || (wanted == ModelType.VISION && !sees)) {
      return Optional.empty();
    }
    return Optional.of(model.type() == wanted ? Match.TYPE : Match.ANY);
  }

  private static List<Fit.Place> bestOfEach(
      ModelIndex index, Shape shape, BiFunction<BackendView, ModelFacts, Optional<Match>> judge) {
    var places = new ArrayList<Fit.Place>();
    for (NodeView node : index.view().nodes()) {
      if (!isPinned(shape, node)) {
        continue;
      }
      for (BackendView backend : node.backends()) {
        backend.facts().models().stream()
            .flatMap(model ->
                judge.apply(backend, model).stream()
                    .map(match -> Fit.Place.of(backend, node, model, match, shape.contextTokens())))
            .min(BEST_OF_BACKEND)
            .ifPresent(places::add);
      }
    }
    return places;
  }

  /// What the model cannot do that the task needs, in the words of Ollama's own refusal.
  private static Optional<String> lacking(Shape shape, BackendView backend, ModelFacts model) {
    if (shape.needs().contains(RERANK)) {
      return Optional.empty();
    }
    String quoted = "\"" + shape.model() + "\"";
    if (shape.type() == TaskType.EMBED) {
      if (!model.can(EMBEDDING) && model.type() != ModelType.EMBEDDING) {
        return Optional.of(quoted + " does not support embeddings");
      }
    } else if (model.type() == ModelType.EMBEDDING && shape.type() != TaskType.LOAD) {
      return Optional.of(quoted + " does not support chat");
    }
    // In order, so that the same request is always refused with the same words.
    for (String need : new TreeSet<>(shape.needs())) {
      boolean embeds = need.equals(EMBEDDING) && model.type() == ModelType.EMBEDDING;
      boolean nobodySays = need.equals(THINKING) && !backend.facts().kind().tellsThinking();
      if (!embeds && !nobodySays && !model.can(need)) {
        return Optional.of(quoted + " does not support " + need);
      }
    }
    return Optional.empty();
  }

  private static boolean isPinned(Shape shape, NodeView node) {
    return shape.pin().isEmpty() || shape.pin().get().equals(node.id());
  }

  /// An answer goes on only with the same content, and on an engine that can.
  private static boolean mayContinue(Shape shape, Holder holder) {
    return shape.continues().isEmpty()
        || (holder.backend().facts().kind().continuesAnswers()
            && holder.model().identity().equals(shape.continues()));
  }

  static boolean isSimulated(BackendView backend) {
    return backend.facts().simulated();
  }

  private static Fit notFound(String message) {
    return new Fit.Refused(Failure.of(FailureCode.NOT_FOUND, Retry.POINTLESS, message));
  }
}
