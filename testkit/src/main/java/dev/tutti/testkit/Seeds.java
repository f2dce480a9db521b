package dev.tutti.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/// Marks a property: the test runs once for each of the seeds 1 to {@link #value}.
///
/// The method takes a {@link Seed} or a {@link java.util.random.RandomGenerator}. The seed is in
/// the display name; `-Dseed=17` runs that one alone, so a failure is replayed by naming it.
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{argumentSetName}")
@ArgumentsSource(SeedSource.class)
public @interface Seeds {
  /// How many seeds to try, 1 or more.
  int value() default 100;
}
