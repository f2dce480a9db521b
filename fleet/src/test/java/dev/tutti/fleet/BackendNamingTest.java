package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.BackendId;
import dev.tutti.core.NodeId;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BackendNamingTest {
  @Test
  void names_grow_only_as_far_as_a_clash_makes_them() {
    var taken = new HashSet<BackendId>();
    var node = new NodeId("maestro");
    for (String expected :
        List.of(
            "maestro/ollama",
            "maestro/ollama-11434",
            "maestro/ollama-11434-2",
            "maestro/ollama-11434-3")) {
      BackendId name = BackendNaming.choose(node, BackendKind.OLLAMA, 11434, taken::contains);
      assertThat(name).hasToString(expected);
      taken.add(name);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "192.168.1.10, 192.168.1.10",
    "MacBook-Pro.local, macbook-pro",
    "fe80::1, fe80--1",
    "[::1], 1",
    "-weird host-, weird-host",
    "::, node",
  })
  void a_node_is_named_after_its_host(String host, String name) {
    assertThat(BackendNaming.nodeOf(host)).hasToString(name);
  }

  @Test
  void a_very_long_host_name_is_cut() {
    assertThat(BackendNaming.nodeOf("x".repeat(300)).value()).hasSize(63);
  }
}
