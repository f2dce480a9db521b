/// Tests of the command line, against recorded answers of a hub on a real port.
@NullMarked
package dev.tutti.app.cli;

import org.jspecify.annotations.NullMarked;
