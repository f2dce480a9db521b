package dev.tutti.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DoorkeeperTest {
  private static final Instant NOW = Instant.parse("2026-05-01T00:00:00Z");
  private static final PeerAddress GARAGE = PeerAddress.of("192.168.1.7").orElseThrow();

  private final SplittableRandom random = new SplittableRandom(5);
  private final KeyToken ann = KeyToken.make(random);
  private final KeyToken ben = KeyToken.make(random);
  private final KeyToken old = KeyToken.make(random);
  private final KeyToken gone = KeyToken.make(random);
  private final Doorkeeper doorkeeper =
      new Doorkeeper(
          Doorkeeper.Door.KEYED,
          Keyring.of(
              List.of(
                  key("ann", ann),
                  key("ben", ben),
                  expiring("old", old),
                  key("gone", gone).revoked(NOW),
                  bound("garage"))));

  private static Key key(String name, KeyToken token) {
    return key(name, token, Optional.empty(), Optional.empty());
  }

  private static Key expiring(String name, KeyToken token) {
    return key(name, token, Optional.empty(), Optional.of(NOW));
  }

  private Key bound(String name) {
    return key(name, KeyToken.make(random), Optional.of(GARAGE), Optional.empty());
  }

  private static Key key(
      String name, KeyToken token, Optional<PeerAddress> address, Optional<Instant> expires) {
    return new Key(
        token.id(),
        name,
        Sha256.hex(token.text()),
        Rights.of(Set.of(Scope.INFER)),
        address,
        NOW,
        expires,
        Optional.empty(),
        Optional.empty());
  }

  private static Presented bearer(String token) {
    return Presented.of("Bearer " + token, null, Optional.empty(), Optional.empty());
  }

  private static String name(Resolution resolution) {
    return switch (resolution) {
      case Resolution.Known(var who, boolean byCookie) ->
          who.name() + (byCookie ? " by cookie" : "");
      case Resolution.Refused(var why) -> why.name();
    };
  }

  private String resolve(Presented presented) {
    return name(doorkeeper.resolve(presented, NOW));
  }

  @Test
  void a_good_key_is_its_holder_wherever_it_is_sent() {
    String basic =
        "Basic "
            + Base64.getEncoder()
                .encodeToString(("me:" + ann.text()).getBytes(StandardCharsets.UTF_8));
    assertThat(resolve(bearer(ann.text()))).isEqualTo("ann");
    assertThat(
            resolve(
                Presented.of("bEARER  " + ann.text(), null, Optional.empty(), Optional.empty())))
        .isEqualTo("ann");
    assertThat(resolve(Presented.of(null, ann.text(), Optional.empty(), Optional.empty())))
        .isEqualTo("ann");
    assertThat(resolve(Presented.of(basic, null, Optional.empty(), Optional.empty())))
        .isEqualTo("ann");
    assertThat(resolve(Presented.of("Bearer x", ann.text(), Optional.empty(), Optional.empty())))
        .isEqualTo("ann");
  }

  @Test
  void what_is_no_good_key_is_refused_with_its_reason_and_nothing_else_is_tried() {
    assertThat(resolve(Presented.NOTHING)).isEqualTo("MISSING");
    assertThat(resolve(bearer("ollama"))).isEqualTo("MISSING");
    assertThat(resolve(bearer("tutti_nobody_x"))).isEqualTo("UNKNOWN");
    assertThat(resolve(bearer(ann.text() + "x"))).isEqualTo("UNKNOWN");
    assertThat(resolve(bearer("tutti_" + ann.id() + "_" + ben.text().substring(15))))
        .isEqualTo("UNKNOWN");
    assertThat(resolve(bearer(gone.text()))).isEqualTo("REVOKED");
    assertThat(resolve(bearer(old.text()))).isEqualTo("EXPIRED");
    assertThat(
            resolve(
                Presented.of(
                    "Bearer " + ann.text(), ben.text(), Optional.empty(), Optional.empty())))
        .isEqualTo("TWO");
    String session = doorkeeper.sessions().begin(ann.id(), random, NOW);
    assertThat(
            resolve(
                Presented.of(
                    "Bearer " + gone.text(), null, Optional.of(session), Optional.of(GARAGE))))
        .isEqualTo("REVOKED");
  }

  @Test
  void the_hash_of_a_key_is_no_key() {
    assertThat(resolve(bearer("tutti_" + ann.id() + "_" + Sha256.hex(ann.text()))))
        .isEqualTo("UNKNOWN");
    assertThat(resolve(bearer(Sha256.hex(ann.text())))).isEqualTo("MISSING");
  }

  @Test
  void an_address_stands_for_its_key_where_none_of_ours_is_sent() {
    assertThat(resolve(Presented.of(null, null, Optional.empty(), Optional.of(GARAGE))))
        .isEqualTo("garage");
    assertThat(resolve(Presented.of("Bearer ollama", null, Optional.empty(), Optional.of(GARAGE))))
        .isEqualTo("garage");
    assertThat(
            resolve(Presented.of("Bearer tutti_no_x", null, Optional.empty(), Optional.of(GARAGE))))
        .isEqualTo("UNKNOWN");
    assertThat(resolve(Presented.of(null, null, Optional.empty(), PeerAddress.of("192.168.1.8"))))
        .isEqualTo("MISSING");
  }

  @Test
  void a_session_stands_for_its_key_and_ends_with_it() {
    String session = doorkeeper.sessions().begin(ann.id(), random, NOW);
    var shown = Presented.of(null, null, Optional.of(session), Optional.empty());
    assertThat(resolve(shown)).isEqualTo("ann by cookie");
    assertThat(resolve(Presented.of(null, null, Optional.of("x" + session), Optional.empty())))
        .isEqualTo("MISSING");
    doorkeeper.replace(doorkeeper.keyring().with(key("ann", ann).revoked(NOW)));
    assertThat(resolve(shown)).isEqualTo("REVOKED");
    assertThat(doorkeeper.isGood(ann.id(), NOW)).isFalse();
    assertThat(doorkeeper.isGood(ben.id(), NOW)).isTrue();
  }

  @Test
  void a_session_ends_when_it_is_unused_or_old_and_the_eldest_gives_way() {
    String session = doorkeeper.sessions().begin(ann.id(), random, NOW);
    var shown = Presented.of(null, null, Optional.of(session), Optional.empty());
    Instant later = NOW;
    while (later.isBefore(NOW.plus(Sessions.LONGEST))) {
      assertThat(name(doorkeeper.resolve(shown, later))).isEqualTo("ann by cookie");
      later = later.plus(Sessions.IDLE);
    }
    assertThat(name(doorkeeper.resolve(shown, later.plusSeconds(1)))).isEqualTo("MISSING");
    String idle = doorkeeper.sessions().begin(ann.id(), random, NOW);
    var idling = Presented.of(null, null, Optional.of(idle), Optional.empty());
    assertThat(
            name(doorkeeper.resolve(idling, NOW.plus(Sessions.IDLE).plus(Duration.ofSeconds(1)))))
        .isEqualTo("MISSING");
    String eldest = doorkeeper.sessions().begin(ann.id(), random, NOW);
    for (int i = 0; i < Sessions.MAX; i++) {
      doorkeeper.sessions().begin(ben.id(), random, NOW);
    }
    assertThat(resolve(Presented.of(null, null, Optional.of(eldest), Optional.empty())))
        .isEqualTo("MISSING");
  }

  @Test
  void at_an_open_door_everybody_is_the_owner_but_a_key_of_ours_counts() {
    doorkeeper.guard(Doorkeeper.Door.OPEN);
    assertThat(doorkeeper.resolve(Presented.NOTHING, NOW))
        .isEqualTo(new Resolution.Known(Principal.OWNER, false));
    assertThat(doorkeeper.resolve(bearer("ollama"), NOW))
        .isEqualTo(new Resolution.Known(Principal.OWNER, false));
    assertThat(resolve(bearer(ben.text()))).isEqualTo("ben");
    assertThat(resolve(bearer(gone.text()))).isEqualTo("REVOKED");
    assertThat(Principal.OWNER.rights().scopes()).isEqualTo(EnumSet.allOf(Scope.class));
  }

  @Test
  void the_moment_of_last_use_outlives_a_change_of_the_ring() {
    assertThat(resolve(bearer(ann.text()))).isEqualTo("ann");
    doorkeeper.replace(doorkeeper.keyring().with(key("new", KeyToken.make(random))));
    assertThat(doorkeeper.keyring().key(ann.id()).orElseThrow().usedAt()).contains(NOW);
    assertThat(doorkeeper.keyring().key(ben.id()).orElseThrow().usedAt()).isEmpty();
    assertThat(new HashSet<>(doorkeeper.keyring().keys())).hasSize(6);
  }
}
