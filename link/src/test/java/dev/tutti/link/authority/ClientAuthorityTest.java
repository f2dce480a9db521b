package dev.tutti.link.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.link.authority.ClientAuthority.Reached;
import dev.tutti.link.trust.KeyMaterial;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClientAuthorityTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Reached HOME =
      new Reached(
          Set.of("localhost", "studio", "studio.local"),
          Set.of("127.0.0.1", "0:0:0:0:0:0:0:1", "192.168.1.7"));

  private final SecureRandom random = new SecureRandom();
  private final KeyMaterial authority = ClientAuthority.make("studio", HOME, NOW, random);

  private KeyMaterial certify(Reached reached) {
    return ClientAuthority.certify(authority, reached, NOW, random);
  }

  private boolean believed(Set<String> names, Set<String> addresses) {
    return ClientAuthority.isBelieved(certify(new Reached(names, addresses)), authority, NOW);
  }

  @Test
  void what_it_makes_is_believed_and_holds_until_two_thirds_of_its_time_are_over() {
    KeyMaterial shown = certify(HOME);
    assertThat(shown.chain()).hasSize(2);
    assertThat(ClientAuthority.holds(shown, authority, HOME, NOW)).isTrue();
    assertThat(ClientAuthority.holds(shown, authority, HOME, NOW.plus(Duration.ofDays(59))))
        .isTrue();
    assertThat(ClientAuthority.holds(shown, authority, HOME, NOW.plus(Duration.ofDays(61))))
        .isFalse();
    assertThat(ClientAuthority.isBelieved(shown, authority, NOW.plus(Duration.ofDays(91))))
        .isFalse();
  }

  @Test
  void other_names_need_another_certificate() {
    var moved = new Reached(HOME.names(), Set.of("127.0.0.1", "192.168.1.8"));
    assertThat(ClientAuthority.holds(certify(HOME), authority, moved, NOW)).isFalse();
    assertThat(ClientAuthority.holds(certify(moved), authority, moved, NOW)).isTrue();
  }

  @Test
  void it_is_good_for_names_at_home_and_for_no_others() {
    assertThat(
            believed(
                Set.of("printer.lan", "a.b.home.arpa"), Set.of("10.9.8.7", "fd00:0:0:0:0:0:0:5")))
        .isTrue();
    assertThat(believed(Set.of("bank.example.com"), Set.of())).isFalse();
    assertThat(believed(Set.of("localhost", "com"), Set.of())).isFalse();
    assertThat(believed(Set.of("notlocal"), Set.of())).isFalse();
    assertThat(believed(Set.of("localhost"), Set.of("8.8.8.8"))).isFalse();
    assertThat(believed(Set.of("localhost"), Set.of("2001:4860:4860:0:0:0:0:8888"))).isFalse();
  }

  @Test
  void what_the_owner_named_at_its_making_is_among_them() {
    var named = new Reached(Set.of("ai.example.org"), Set.of("203.0.113.9"));
    KeyMaterial wider = ClientAuthority.make("studio", named, NOW, random);
    KeyMaterial shown = ClientAuthority.certify(wider, named, NOW, random);
    assertThat(ClientAuthority.isBelieved(shown, wider, NOW)).isTrue();
    assertThat(ClientAuthority.isBelieved(shown, authority, NOW)).isFalse();
    var neighbour = new Reached(Set.of("example.org"), Set.of("203.0.113.10"));
    assertThat(
            ClientAuthority.isBelieved(
                ClientAuthority.certify(wider, neighbour, NOW, random), wider, NOW))
        .isFalse();
  }

  @Test
  void there_are_not_too_many_names() {
    Set<String> many =
        IntStream.range(0, ClientAuthority.MAX_NAMES)
            .mapToObj(i -> "n" + i + ".local")
            .collect(Collectors.toSet());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Reached(many, Set.of("127.0.0.1")))
        .withMessageContaining("(expected: 1 to 64 names and addresses)");
  }
}
