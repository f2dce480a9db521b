package dev.tutti.app;

import dev.tutti.access.Spending;
import dev.tutti.core.Time;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskRecord;
import dev.tutti.fleet.FleetView;
import dev.tutti.gateway.Admission;
import dev.tutti.store.SqliteStore;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// Counts what tasks took and cost, for quotas and budgets. Owner loop only; nothing here waits.
final class Bookkeeping {
  private final Admission admission;
  private final Accounts accounts;
  private final Supplier<FleetView> fleet;
  private final SqliteStore store;
  private final Time time;
  private final Witness witness;

  private Bookkeeping(
      Admission admission,
      Accounts accounts,
      Supplier<FleetView> fleet,
      SqliteStore store,
      Time time,
      Witness witness) {
    this.admission = admission;
    this.accounts = accounts;
    this.fleet = fleet;
    this.store = store;
    this.time = time;
    this.witness = witness;
  }

  /// With what was saved.
  ///
  /// @param offLoop where prompts are hashed, if the owner wants that
  static Bookkeeping of(
      Admission admission, Saved saved, Supplier<FleetView> fleet, Time time, Executor offLoop) {
    return new Bookkeeping(
        admission, saved.accounts(), fleet, saved.store(), time, saved.diary().witness(offLoop));
  }

  /// What the owner says of trust, money and the audit log.
  void govern(AccessRules rules) {
    admission.rules(rules.tiers(), rules.cloudBudgetCents());
    witness.tell(rules.witness());
  }

  /// A task has ended, however.
  void ended(Task<?> asked, TaskRecord task) {
    witness.ended(asked, task);
    long in = task.usage().promptTokens();
    long out = task.usage().outputTokens();
    long cost = task.last().map(last -> cost(last, in, out)).orElse(0L);
    admission.ended(task.id(), task.principal(), in + out, cost);
    if (cost > 0) {
      var _ = store.spend(Spending.monthOf(time.now()), task.principal(), cost);
    }
  }

  private long cost(Assignment last, long in, long out) {
    return Optional.ofNullable(fleet.get().backends().get(last.backend()))
        .map(backend -> accounts.microEuro(backend.url(), in, out))
        .orElse(0L);
  }
}
