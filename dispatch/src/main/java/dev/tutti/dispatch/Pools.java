package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.fleet.BackendView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Sorts the places of one shape of task by the owner's rules: who may not have it at all, and in
/// which pool the others are. Pure.
final class Pools {
  /// What is equally good for a strategy goes to the higher priority.
  private static final Comparator<Fit.Place> BY_PRIORITY =
      Comparator.comparingInt(place -> -place.priority());

  private final Policy policy;
  private final Shape shape;
  private final Optional<PoolRule> rule;

  private Pools(Policy policy, Shape shape, Optional<PoolRule> rule) {
    this.policy = policy;
    this.shape = shape;
    this.rule = rule;
  }

  /// The pools for tasks of that shape. Who is sent to a machine of its choice is under no rule
  /// about types.
  static Pools of(Policy policy, Shape shape) {
    return new Pools(
        policy, shape, shape.pin().isPresent() ? Optional.empty() : policy.rule(shape.type()));
  }

  /// The same where none of the rule's workers has what a client named: the name counts for more.
  Pools boundFor(List<Fit.Place> named) {
    boolean binds =
        rule.isEmpty() || named.stream().anyMatch(place -> rule.get().names(place.backend()));
    return binds ? this : new Pools(policy, shape, Optional.empty());
  }

  /// Whether the owner consents to another model than the named one.
  boolean consents() {
    return rule.isPresent() && rule.get().substitute();
  }

  /// Whether there is a rule that says who comes next.
  boolean hasRule() {
    return rule.isPresent();
  }

  Optional<PoolRule> rule() {
    return rule;
  }

  /// Who may have the task, the highest priority first, and who may not.
  Sorted sort(List<Fit.Place> places) {
    var may = new ArrayList<Fit.Place>();
    var mayNot = new ArrayList<Fit.PassedOver>();
    for (Fit.Place place : places) {
      WorkerRule worker = policy.of(place.backend());
      boolean cloud = policy.isCloud(place.backend());
      String bar = bar(place, worker, cloud);
      if (bar.isEmpty()) {
        may.add(
            place.ranked(
                pool(place.backend(), cloud),
                worker.priority().orElse(WorkerRule.USUAL_PRIORITY),
                worker.maxConcurrent(),
                grounds(place.backend(), cloud)));
      } else {
        mayNot.add(new Fit.PassedOver(place, bar));
      }
    }
    may.sort(BY_PRIORITY);
    return new Sorted(List.copyOf(may), List.copyOf(mayNot));
  }

  private Pool pool(BackendView backend, boolean cloud) {
    if (cloud) {
      return Pool.CLOUD;
    }
    return rule.isEmpty() || rule.get().prefers(backend) ? Pool.PREFERRED : Pool.FALLBACK;
  }

  private String grounds(BackendView backend, boolean cloud) {
    String where = cloud ? "cloud" : "";
    if (rule.isEmpty()) {
      return where;
    }
    String how = rule.get().prefers(backend) ? "preferred by rule " : "fallback of rule ";
    return (cloud ? "cloud, " : "") + how + rule.get().name();
  }

  /// Why the task may not go there; empty when it may.
  private String bar(Fit.Place place, WorkerRule worker, boolean cloud) {
    if (!worker.enabled().orElse(true)) {
      return "switched off in the settings";
    }
    if (cloud && shape.local()) {
      return "in the cloud, and the request stays at home (x-tutti-privacy: local)";
    }
    String unlicensed = shape.licence().bar(place.model().name(), place.backend());
    if (!unlicensed.isEmpty()) {
      return unlicensed;
    }
    if (!worker.models().isEmpty() && !worker.models().contains(place.model().name())) {
      return "not used for this model";
    }
    return shape.type().isAnswered() ? barFromWork(place, worker) : "";
  }

  private String barFromWork(Fit.Place place, WorkerRule worker) {
    if (worker.batchOnly().orElse(false) && !shape.batch()) {
      return "takes only work that nobody waits for (priority 0 to " + Policy.BATCH_PRIORITY + ")";
    }
    if (rule.isPresent()) {
      return rule.get().names(place.backend())
          ? ""
          : "not among the workers of rule " + rule.get().name();
    }
    boolean others =
        shape.pin().isEmpty()
            && !worker.types().contains(shape.type())
            && policy.isListed(shape.type());
    return others ? "others are for work of the type " + shape.type().wireName() : "";
  }

  /// Why a task that somebody could do is refused.
  static Failure refusal(Shape shape, List<Fit.PassedOver> all) {
    var reasons = new LinkedHashSet<String>();
    all.forEach(each -> reasons.add(each.place().backend().id() + ": " + each.why()));
    var told = reasons.stream().limit(3).toList();
    return Failure.of(
        FailureCode.FORBIDDEN,
        Retry.POINTLESS,
        "nobody who has \""
            + shape.model()
            + "\" may take this: "
            + String.join("; ", told)
            + (reasons.size() > told.size() ? "; …" : ""));
  }

  /// Which of these may be chosen now: those of the first pool in which somebody takes work. The
  /// cloud's turn comes only when nobody at home does, not even one that is doubted.
  ///
  /// @param takes those that take work and that would do
  /// @param all those that would do, whether they take work or not
  /// @param fallsThrough whether the next pool's turn comes as soon as those before it are busy
  List<Fit.Place> turn(List<Fit.Place> takes, List<Fit.Place> all, boolean fallsThrough) {
    boolean everybody =
        switch (shape.reach()) {
          case IN_TURN -> fallsThrough && hasRule();
          case EVERYWHERE -> true;
          case CLOUD -> false;
        };
    if (everybody && !takes.isEmpty()) {
      return takes;
    }
    List<Fit.Place> cloud = in(Pool.CLOUD, takes);
    if (shape.reach() == Shape.Reach.CLOUD) {
      return cloud;
    }
    for (Pool pool : List.of(Pool.PREFERRED, Pool.FALLBACK)) {
      List<Fit.Place> here = in(pool, takes);
      if (!here.isEmpty()) {
        return here;
      }
    }
    List<Fit.Place> doubted =
        all.stream().filter(place -> place.backend().takesWorkAsLast()).toList();
    List<Fit.Place> atHome = doubted.stream().filter(place -> place.pool() != Pool.CLOUD).toList();
    if (!atHome.isEmpty()) {
      return atHome;
    }
    return cloud.isEmpty() ? doubted : cloud;
  }

  static List<Fit.Place> in(Pool pool, List<Fit.Place> places) {
    return places.stream().filter(place -> place.pool() == pool).toList();
  }

  /// Places, sorted.
  record Sorted(List<Fit.Place> may, List<Fit.PassedOver> mayNot) {
    /// One entry for each engine that is passed over with all it has.
    List<Fit.PassedOver> passedOver() {
      var ids = new LinkedHashSet<Object>();
      may.forEach(place -> ids.add(place.backend().id()));
      return mayNot.stream().filter(each -> ids.add(each.place().backend().id())).toList();
    }
  }
}
