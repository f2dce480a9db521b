/// Real processes and real clients: the program as a user starts it, engines as they are.
@NullMarked
package dev.tutti.e2e;

import org.jspecify.annotations.NullMarked;
