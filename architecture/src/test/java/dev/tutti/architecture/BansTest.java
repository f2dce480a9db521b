package dev.tutti.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/// What nobody may call outside the one room it belongs to.
class BansTest {
  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.tutti");

  /// Only the wiring may ask the machine what time it is; everybody else gets a Time.
  private static final String[] WITH_A_CLOCK = {
    "dev.tutti.app..", "dev.tutti.testkit..", "dev.tutti.paced.."
  };

  @Test
  void nobody_asks_the_machine_for_the_time() {
    noClasses()
        .that()
        .resideOutsideOfPackages(WITH_A_CLOCK)
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(LocalDate.class, "now")
        .orShould()
        .callMethod(LocalDateTime.class, "now")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .check(HOUSE);
  }

  @Test
  void nobody_sleeps() {
    noClasses()
        .should()
        .callMethodWhere(
            target(owner(JavaClass.Predicates.equivalentTo(Thread.class)))
                .and(target(nameMatching("sleep"))))
        .check(HOUSE);
  }

  @Test
  void nobody_makes_chance_of_his_own() {
    noClasses()
        .that()
        .resideOutsideOfPackages(WITH_A_CLOCK)
        .should()
        .callMethod(Math.class, "random")
        .orShould()
        .callConstructor(Random.class)
        .orShould()
        .callMethod(ThreadLocalRandom.class, "current")
        .check(HOUSE);
  }

  @Test
  void only_the_command_line_prints() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tutti.app..")
        .and()
        .haveSimpleNameNotEndingWith("Main")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(HOUSE);
  }

  @Test
  void only_the_store_speaks_sql() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.tutti.store..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite..", "org.flywaydb..")
        .check(HOUSE);
  }

  @Test
  void only_the_edges_speak_grpc() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.tutti.link..", "dev.tutti.gateway..", "dev.tutti.wire..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.vertx.grpc..", "com.google.protobuf..")
        .check(HOUSE);
  }

  @Test
  void pure_rooms_know_no_network() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.tutti.core..", "dev.tutti.fleet..", "dev.tutti.dispatch..", "dev.tutti.dialects..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.vertx..", "io.netty..", "java.net.http..", "java.nio.file..", "java.nio.channels..")
        .check(HOUSE);
  }

  @Test
  void no_junk_rooms_and_no_junk_names() {
    noClasses()
        .that()
        .resideInAPackage("dev.tutti..")
        .should()
        .resideInAnyPackage(
            "..util..",
            "..utils..",
            "..common..",
            "..helper..",
            "..helpers..",
            "..impl..",
            "..manager..",
            "..misc..",
            "..base..")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveSimpleNameEndingWith("Info")
        .orShould()
        .haveSimpleNameEndingWith("Processor")
        .orShould()
        .haveSimpleNameStartingWith("Abstract")
        .check(
            HOUSE.that(
                com.tngtech.archunit.base.DescribedPredicate.describe(
                    "written by hand",
                    type ->
                        !type.getPackageName().startsWith("dev.tutti.wire")
                            && !type.getSimpleName().equals("package-info"))));
  }
}
