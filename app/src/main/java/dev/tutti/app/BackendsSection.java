package dev.tutti.app;

import dev.tutti.core.Secret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/// `backends` of `tutti.yaml`: engines, and how the owner stands with them.
final class BackendsSection extends OwnersText {
  private final List<String> addresses = new ArrayList<>();
  private final Map<String, Account> accounts = new LinkedHashMap<>();

  BackendsSection(OwnersText whole) {
    super(whole);
  }

  /// What was read, each as `URL[,slots=N][,name=X]`.
  List<String> addresses() {
    return addresses;
  }

  /// How the owner stands with them, by the URL as it is written.
  Map<String, Account> accounts() {
    return accounts;
  }

  /// Reads the list.
  void read() {
    if (yaml.currentToken() != JsonToken.START_ARRAY) {
      wrong("backends", "(expected: a list)");
      yaml.skipChildren();
      return;
    }
    while (yaml.nextToken() != JsonToken.END_ARRAY) {
      if (yaml.currentToken() == JsonToken.START_OBJECT) {
        oneBackend();
      } else if (yaml.currentToken() == JsonToken.VALUE_STRING) {
        addresses.add(yaml.getString());
      } else {
        wrong("backends", "(expected: an address, or url, name and slots)");
        yaml.skipChildren();
      }
    }
  }

  private void oneBackend() {
    var spec = new String[] {"", "", ""};
    var account = new AccountDraft();
    int line = line();
    object(key -> {
      switch (key) {
        case "url" -> spec[0] = orEmpty(text("backends.url"));
        case "name" -> spec[1] = ",name=" + orEmpty(text("backends.name"));
        case "slots" -> {
          Integer slots = integer("backends.slots");
          spec[2] = slots == null ? "" : ",slots=" + slots;
        }
        case "key" -> account.source = secret();
        case "key-env" ->
            account.source = new Account.KeySource.Variable(orEmpty(text("backends.key-env")));
        case "key-file" -> {
          Path file = file("backends.key-file");
          account.source = file == null ? null : new Account.KeySource.InFile(file);
        }
        case "price-in" -> account.in = euro("backends.price-in");
        case "price-out" -> account.out = euro("backends.price-out");
        default ->
            unknown(
                "backends." + key,
                "url, name, slots, key, key-env, key-file, price-in or price-out");
      }
    });
    if (account.isSaid() && !spec[0].isEmpty()) {
      try {
        accounts.put(spec[0], account.whole());
      } catch (IllegalArgumentException e) {
        mistakes.add(name + ":" + line + ": backends." + e.getMessage());
      }
    }
    if (spec[0].isEmpty()) {
      mistakes.add(name + ":" + line + ": backends: an entry without url (expected: url)");
    } else {
      addresses.add(spec[0] + spec[2] + spec[1]);
    }
  }

  /// What is wrong with a key is said without repeating it.
  private Account.@Nullable KeySource secret() {
    if (yaml.currentToken() != JsonToken.VALUE_STRING || yaml.getString().isBlank()) {
      mistakes.add(name + ":" + line() + ": backends.key: no text (expected: a key)");
      yaml.skipChildren();
      return null;
    }
    return new Account.KeySource.Here(Secret.of(yaml.getString().strip()));
  }

  /// An account while it is read.
  private static final class AccountDraft {
    Account.@Nullable KeySource source;
    @Nullable Double in;
    @Nullable Double out;

    boolean isSaid() {
      return source != null || in != null || out != null;
    }

    /// Of two prices, the one that is not said is 0.
    Account whole() {
      Optional<Account.Price> price =
          in == null && out == null
              ? Optional.empty()
              : Optional.of(new Account.Price(in == null ? 0 : in, out == null ? 0 : out));
      return new Account(Optional.ofNullable(source), price);
    }
  }
}
