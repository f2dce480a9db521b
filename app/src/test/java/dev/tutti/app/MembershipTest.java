package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.NodeId;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MembershipTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "http://192.168.1.10:8766, 192.168.1.10, 8766",
    "http://bob.local, bob.local, 8766",
    "bob:9000, bob, 9000",
    "https://bob:9000/, bob, 9000",
    "http://[fd00::1]:8766, fd00::1, 8766",
  })
  void an_address_is_read(String text, String host, int port) {
    var address = Membership.address(text);
    assertThat(address.host()).isEqualTo(host);
    assertThat(address.port()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://", "http://a:b", "a:1:2", "http://bob:99999"})
  void what_is_no_address_is_refused(String text) {
    assertThatThrownBy(() -> Membership.address(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void a_membership_survives_a_restart_and_does_not_show_its_secret() {
    Home home = new Home(folder.resolve("agent")).create();
    assertThat(Membership.read(home)).isEmpty();
    var membership =
        new Membership(Membership.address("bob:9000"), new NodeId("virtuoso"), "the-secret");
    membership.write(home);
    assertThat(Membership.read(home)).contains(membership);
    assertThat(membership.toString()).doesNotContain("the-secret");
    Membership.forget(home);
    assertThat(Membership.read(home)).isEmpty();
  }
}
