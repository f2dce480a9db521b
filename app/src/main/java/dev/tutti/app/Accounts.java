package dev.tutti.app;

import dev.tutti.backends.EngineAddress;
import dev.tutti.core.Secret;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Outside;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The keys and prices of backends as they are now, by the address that a backend is known under.
/// Replaced as a whole when settings are read; any thread may ask.
final class Accounts {
  private volatile Map<String, Open> byUrl = Map.of();

  /// An account with its key at hand.
  private record Open(Account account, Optional<Secret> key) {}

  /// Takes what the settings say. Reads files: never on an event loop.
  ///
  /// @throws IllegalArgumentException when a key is not where it should be; nothing is changed then
  void take(Map<String, Account> accounts) {
    var open = new HashMap<String, Open>();
    accounts.forEach((url, account) -> {
      EngineAddress address = EngineAddress.parse(url);
      if (account.key().isPresent() && !address.secure() && Outside.isPublic(address.host())) {
        throw new IllegalArgumentException(
            "backends.key: for " + address.url() + " (expected: https, or an address at home)");
      }
      open.put(address.url(), new Open(account, account.key().map(Account::read)));
    });
    byUrl = Map.copyOf(open);
  }

  /// The key that a backend wants.
  Optional<Secret> key(EngineAddress address) {
    return Optional.ofNullable(byUrl.get(address.url())).flatMap(Open::key);
  }

  /// What a task there has cost, in millionths of a euro.
  long microEuro(String url, long tokensIn, long tokensOut) {
    return price(url).map(price -> price.microEuro(tokensIn, tokensOut)).orElse(0L);
  }

  /// Whether it is known what a backend costs.
  boolean isPriced(BackendView backend) {
    return price(backend.url()).isPresent();
  }

  private Optional<Account.Price> price(String url) {
    return Optional.ofNullable(byUrl.get(url)).flatMap(open -> open.account.price());
  }
}
