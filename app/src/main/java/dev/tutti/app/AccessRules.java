package dev.tutti.app;

import dev.tutti.access.Tiers;
import java.util.Map;
import java.util.OptionalLong;

/// What the owner says of trust and money.
///
/// @param tiers how far machines and engines are trusted, by name
/// @param cloudBudgetCents what the cloud may cost in a calendar month, in euro cents, if bounded
/// @param accounts how the owner stands with backends, by the URL as it is written in the settings
/// @param witness what the audit log tells of requests
record AccessRules(
    Tiers tiers,
    OptionalLong cloudBudgetCents,
    Map<String, Account> accounts,
    Witness.Tells witness) {
  /// Nothing was said.
  static final AccessRules NONE =
      new AccessRules(Tiers.NONE, OptionalLong.empty(), Map.of(), Witness.Tells.NOTHING);

  AccessRules {
    accounts = Map.copyOf(accounts);
  }
}
