package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
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
import java.util.HashSet;
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
/// do. Before all that, {@link Pools} says who may have the task at all and whose turn it is. Where
/// the choice is ours (`auto`), {@link Wish} says which of the models that can do the task are
/// preferred; each backend stands for its best one, and simulated engines stand back while any real
/// one takes work.
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
    return named(index, shape, able);
  }

  private static Fit named(ModelIndex index, Shape shape, List<Fit.Place> able) {
    Policy policy = index.word().policy();
    Pools rules = Pools.of(policy, shape);
    Pools pools = rules.boundFor(able);
    Pools.Sorted sorted = pools.sort(able);
    var all = new ArrayList<>(sorted.may());
    var live = all.stream().filter(place -> place.backend().takesWork()).toList();
    boolean fallsThrough = index.word().fallsThrough() && pools.hasRule();
    boolean consent = shape.substitute() || rules.consents();
    if (consent && shape.continues().isEmpty() && (live.isEmpty() || fallsThrough)) {
      var others = rules.sort(substitutes(index, shape, able, rules)).may();
      if (live.isEmpty() && !others.isEmpty()) {
        all.addAll(others);
        return Fit.Places.of(
            all, rules.turn(others, others, index.word().fallsThrough()), sorted.passedOver());
      }
      all.addAll(others);
    }
    if (all.isEmpty() && !sorted.mayNot().isEmpty()) {
      return new Fit.Refused(Pools.refusal(shape, sorted.mayNot()));
    }
    if (all.isEmpty() && !index.mayComeBack(shape.model())) {
      return unknownModel(shape);
    }
    var takes = all.stream().filter(place -> place.backend().takesWork()).toList();
    return Fit.Places.of(all, pools.turn(takes, all, fallsThrough), sorted.passedOver());
  }

  private static Fit unknownModel(Shape shape) {
    String where = shape.pin().map(node -> " on node \"" + node + "\"").orElse("");
    return notFound("model \"" + shape.model() + "\" not found" + where + ", try pulling it first");
  }

  /// The best other model of each backend that has not the named one.
  private static List<Fit.Place> substitutes(
      ModelIndex index, Shape shape, List<Fit.Place> exact, Pools pools) {
    ModelType type =
        exact.isEmpty()
            ? ModelTypes.classify(shape.model(), List.of())
            : exact.getFirst().model().type();
    var holders = new HashSet<BackendId>();
    exact.stream()
        .filter(place -> place.backend().takesWork())
        .forEach(place -> holders.add(place.backend().id()));
    return bestOfEach(
            index,
            shape,
            pools,
            (backend, model) ->
                model.type() == type
                        && !holders.contains(backend.id())
                        && lacking(shape, backend, model).isEmpty()
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
    Pools pools = Pools.of(index.word().policy(), shape);
    Pools.Sorted sorted = pools.sort(able);
    if (sorted.may().isEmpty()) {
      return new Fit.Refused(Pools.refusal(shape, sorted.mayNot()));
    }
    boolean real =
        sorted.may().stream()
            .anyMatch(place -> place.backend().takesWork() && !isSimulated(place.backend()));
    var all = new ArrayList<Fit.Place>();
    var takes = new ArrayList<Fit.Place>();
    for (Pool pool : Pool.values()) {
      List<Fit.Place> here = Pools.in(pool, sorted.may());
      List<Fit.Place> choice =
          here.stream()
              .filter(place -> place.backend().takesWork())
              .filter(place -> !real || !isSimulated(place.backend()))
              .toList();
      Wish wish = wish(index, shape, pools, choice.isEmpty() ? here : choice);
      List<Fit.Place> best = bestByWish(here, wish);
      all.addAll(best);
      best.stream()
          .filter(place -> place.backend().takesWork())
          .filter(place -> !real || !isSimulated(place.backend()))
          .filter(place -> shape.substitute() || place.match() != Match.LESSER)
          .forEach(takes::add);
    }
    return Fit.Places.of(
        all, pools.turn(takes, all, index.word().fallsThrough()), sorted.passedOver());
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

  private static Wish wish(ModelIndex index, Shape shape, Pools pools, List<Fit.Place> choice) {
    var preferred = new ArrayList<ModelName>();
    pools.rule().flatMap(PoolRule::model).ifPresent(preferred::add);
    preferred.addAll(index.word().auto().preferred(shape.type(), shape.difficulty()));
    var models = choice.stream().map(Fit.Place::model).toList();
    var suited =
        choice.stream().filter(place -> place.match() == Match.TYPE).map(Fit.Place::model).toList();
    return Wish.of(preferred, shape.difficulty(), suited.isEmpty() ? models : suited, models);
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
      ModelIndex index,
      Shape shape,
      Pools pools,
      BiFunction<BackendView, ModelFacts, Optional<Match>> judge) {
    Optional<ModelName> first = pools.rule().flatMap(PoolRule::model);
    var order =
        Comparator.<Fit.Place, Boolean>comparing(
                place -> first.filter(place.model().name()::equals).isEmpty())
            .thenComparing(BEST_OF_BACKEND);
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
            .filter(place -> pools.sort(List.of(place)).mayNot().isEmpty())
            .min(order)
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
