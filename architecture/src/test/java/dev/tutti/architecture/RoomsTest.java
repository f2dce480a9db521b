package dev.tutti.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Rooms call only whom the plan allows.
class RoomsTest {
  /// Room → the rooms it may call. A new edge is a decision: change it here and say why in an ADR.
  private static final Map<String, Set<String>> MAY_CALL =
      Map.ofEntries(
          Map.entry("core", Set.of()),
          Map.entry("wire", Set.of()),
          Map.entry("fleet", Set.of("core")),
          Map.entry("telemetry", Set.of("core")),
          Map.entry("access", Set.of("core")),
          Map.entry("dispatch", Set.of("core", "fleet")),
          Map.entry("dialects", Set.of("core")),
          Map.entry("backends", Set.of("core", "fleet", "dialects", "dispatch")),
          Map.entry("discovery", Set.of("core", "fleet")),
          Map.entry("link", Set.of("core", "wire", "fleet", "dispatch", "backends")),
          Map.entry("worklist", Set.of("core", "dialects")),
          Map.entry(
              "store", Set.of("core", "fleet", "dispatch", "telemetry", "worklist", "access")),
          Map.entry(
              "gateway",
              Set.of(
                  "core",
                  "wire",
                  "fleet",
                  "dispatch",
                  "dialects",
                  "telemetry",
                  "worklist",
                  "access")),
          Map.entry("paced", Set.of("core")),
          Map.entry("simulate", Set.of("core", "fleet", "dispatch")),
          Map.entry("testkit", Set.of("core")),
          Map.entry(
              "app",
              Set.of(
                  "core",
                  "fleet",
                  "telemetry",
                  "dispatch",
                  "dialects",
                  "worklist",
                  "backends",
                  "discovery",
                  "link",
                  "store",
                  "gateway",
                  "paced",
                  "simulate",
                  "access")));

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.tutti");

  @TestFactory
  Stream<DynamicTest> a_room_calls_only_whom_it_may() {
    return MAY_CALL.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(room ->
            DynamicTest.dynamicTest(
                room.getKey() + " calls only " + room.getValue().stream().sorted().toList(),
                () -> callsOnly(room.getKey(), room.getValue())));
  }

  private static void callsOnly(String room, Set<String> allowed) {
    List<String> forbidden = new ArrayList<>();
    for (String other : MAY_CALL.keySet()) {
      if (!other.equals(room) && !allowed.contains(other)) {
        forbidden.add("dev.tutti." + other + "..");
      }
    }
    if (!forbidden.isEmpty()) {
      noClasses()
          .that()
          .resideInAPackage("dev.tutti." + room + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(forbidden.toArray(String[]::new))
          .check(HOUSE);
    }
  }

  @Test
  void every_room_has_its_row() {
    Set<String> rooms = new java.util.TreeSet<>();
    HOUSE.forEach(type -> {
      String[] parts = type.getPackageName().split("\\.", -1);
      if (parts.length > 2) {
        rooms.add(parts[2]);
      }
    });
    assertThat(rooms).isNotEmpty().isSubsetOf(MAY_CALL.keySet());
  }

  @Test
  void rooms_have_no_cycles() {
    SlicesRuleDefinition.slices()
        .matching("dev.tutti.(*)..")
        .should()
        .beFreeOfCycles()
        .check(HOUSE);
  }

  @Test
  void nothing_in_a_room_depends_on_the_testkit() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tutti.testkit..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.tutti.testkit..")
        .check(HOUSE);
  }
}
