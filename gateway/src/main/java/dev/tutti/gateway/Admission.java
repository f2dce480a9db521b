package dev.tutti.gateway;

import dev.tutti.access.Doorkeeper;
import dev.tutti.access.Globs;
import dev.tutti.access.Meters;
import dev.tutti.access.Principal;
import dev.tutti.access.Rights;
import dev.tutti.access.Spending;
import dev.tutti.access.Tier;
import dev.tutti.access.Tiers;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Licence;
import dev.tutti.dispatch.Task;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.FleetView;
import dev.tutti.fleet.Outside;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Lets tasks in as far as the rights of who asked and the owner's budget go: which models and
/// machines may answer, how many there may be, what they may cost. Owner loop only.
public final class Admission {
  private final Doorkeeper keys;
  private final Meters meters = new Meters();
  private final Spending spending = new Spending();
  private final Supplier<FleetView> fleet;
  private final Time time;
  private final Predicate<BackendView> isPriced;
  private Tiers tiers = Tiers.NONE;
  private OptionalLong budgetCents = OptionalLong.empty();

  /// Nothing was spent, and nothing is said of machines or a budget.
  ///
  /// @param isPriced whether it is known what a backend costs
  public Admission(
      Doorkeeper keys, Supplier<FleetView> fleet, Predicate<BackendView> isPriced, Time time) {
    this.isPriced = isPriced;
    this.keys = keys;
    this.fleet = fleet;
    this.time = time;
  }

  /// What the owner says.
  ///
  /// @param machines how far they are trusted
  /// @param cents what the cloud may cost in a calendar month, in euro cents, if there is a bound
  public void rules(Tiers machines, OptionalLong cents) {
    tiers = machines;
    budgetCents = cents;
  }

  /// What was spent this month before this process began.
  public void restore(Map<String, Long> spent) {
    spending.restore(spent, time.now());
  }

  /// A task has ended, however.
  ///
  /// @param microEuro what it has cost, in millionths of a euro
  public void ended(TaskId task, String principal, long tokens, long microEuro) {
    meters.end(task.value(), tokens);
    if (microEuro > 0) {
      spending.add(principal, microEuro, time.now());
    }
  }

  /// Who has the good key of that name: for work that outlives its request.
  ///
  /// @throws MeshException `FORBIDDEN` where there is none any more
  Principal holder(String name) {
    return keys.named(name, time.now())
        .orElseThrow(() ->
            Entrance.refusal(
                FailureCode.FORBIDDEN, "the key that asked for this is no longer good"));
  }

  /// The task under the licence of who asks, not counted.
  Task<Work> licensed(Principal who, Task<Work> task) {
    Rights rights = who.rights();
    // What costs nobody knows what can be held within no bound.
    boolean counted = budgetCents.isPresent() || rights.quota().hasBudget();
    if (rights.equals(Rights.ALL) && !counted) {
      return task;
    }
    boolean usual =
        !counted
            && rights.models().equals(Globs.ALL)
            && rights.tier() == Tier.GUEST
            && rights.weight() == 1;
    return task.under(
        usual
            ? Licence.ANY
            : new KeyLicence(
                rights.models(), rights.tier(), tiers, rights.weight(), counted, isPriced),
        rights.local());
  }

  /// The same, counted: it ends with {@link #ended}.
  ///
  /// @throws MeshException `RATE_LIMITED` or `OVER_BUDGET`
  Task<Work> admit(Principal who, Task<Work> task) {
    Task<Work> licensed = withinBudget(who, licensed(who, task));
    long tokens = task.prompt().tokens();
    Optional<Meters.Over> over = meters.begin(who, task.id().value(), tokens, time.nanos());
    if (over.isPresent()) {
      throw new MeshException(
          Failure.of(
                  FailureCode.RATE_LIMITED,
                  Retry.SAFE_NOT_STARTED,
                  "this key has no more than " + over.get().what())
              .retryAfter(over.get().retryAfter()));
    }
    return licensed;
  }

  /// Who has nothing left to spend is answered at home; where home cannot, nobody does.
  private Task<Work> withinBudget(Principal who, Task<Work> task) {
    boolean spent = isSpent(who);
    if (!spent || task.local()) {
      return task;
    }
    if (!task.model().isAuto() && !isAtHome(task.model())) {
      throw new MeshException(
          Failure.of(
                  FailureCode.OVER_BUDGET,
                  Retry.POINTLESS,
                  "this month's budget for the cloud is spent")
              .retryAfter(Spending.leftOf(time.now())));
    }
    return task.under(task.licence(), true);
  }

  private boolean isSpent(Principal who) {
    var quota = who.rights().quota();
    boolean own =
        quota.hasBudget()
            && spending.of(who.name(), time.now()) >= quota.budgetCents() * Spending.MICRO_PER_CENT;
    return own
        || (budgetCents.isPresent()
            && spending.total(time.now()) >= budgetCents.getAsLong() * Spending.MICRO_PER_CENT);
  }

  private boolean isAtHome(ModelName model) {
    boolean inCloud = false;
    for (BackendView backend : fleet.get().backends().values()) {
      if (backend.facts().models().stream().anyMatch(each -> each.name().equals(model))) {
        if (!Outside.is(backend)) {
          return true;
        }
        inCloud = true;
      }
    }
    // What nobody has is refused elsewhere, in better words.
    return !inCloud;
  }

  /// How a key stands, if it has bounds.
  Optional<Meters.Standing> standing(Principal who) {
    return meters.standing(who, time.nanos());
  }

  /// What was spent this month, and on what.
  Spending spending() {
    return spending;
  }

  /// What the cloud may cost in a month, in euro cents, if there is a bound.
  OptionalLong budgetCents() {
    return budgetCents;
  }

  /// What a key lets its holder use.
  ///
  /// @param counted whether a backend outside may be asked only if its price is known
  private record KeyLicence(
      Globs models,
      Tier least,
      Tiers tiers,
      double weight,
      boolean counted,
      Predicate<BackendView> isPriced)
      implements Licence {
    @Override
    public String bar(ModelName model, BackendView backend) {
      if (!models.match(model.value()) && !models.match(model.tagged())) {
        return "not a model for this key";
      }
      if (counted && Outside.is(backend) && !isPriced.test(backend)) {
        return "its price is not known, and there is a budget (expected: price-in and price-out)";
      }
      Tier tier = tiers.of(backend.id().value(), backend.node().value(), Outside.is(backend));
      return tier.compareTo(least) >= 0
          ? ""
          : "the key asks for machines that are at least " + least.wireName();
    }
  }
}
