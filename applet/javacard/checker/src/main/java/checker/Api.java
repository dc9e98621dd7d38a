package checker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What the platform has: the types of Java Card 3.0.5, and what of them can be called. */
final class Api {
    private static final String LIST = "java-card-3.0.5.txt";

    /** A type, its superclass and interfaces, its methods as name and descriptor. */
    private record Listed(List<String> above, Set<String> methods) {
    }

    private final Map<String, Listed> types = new HashMap<>();

    Api() {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Api.class.getResourceAsStream(LIST), LIST),
                StandardCharsets.UTF_8))) {
            Listed last = null;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("  ")) {
                    last.methods.add(line.strip());
                } else if (!line.startsWith("#")) {
                    List<String> words = List.of(line.split(" "));
                    last = new Listed(words.subList(1, words.size()), new HashSet<>());
                    types.put(words.get(0), last);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says whether a type is of a package that a card may leave out, and most do. */
    static boolean isOptional(String type) {
        return type.startsWith("javacardx/") && !type.startsWith("javacardx/crypto/")
            && !type.equals("javacardx/apdu/ExtendedLength");
    }

    /** Says whether there is such a type, given by its internal name. */
    boolean has(String type) {
        return types.containsKey(type);
    }

    /** Says whether a type, or one above it, has a method, given by its name and descriptor. */
    boolean has(String type, String method) {
        Listed listed = types.get(type);
        return listed != null && (listed.methods.contains(method)
            || listed.above.stream().anyMatch(above -> has(above, method))
            || !method.startsWith("<init>")
                && types.get("java/lang/Object").methods.contains(method));
    }

    /** Says whether a type is another or lies below it. */
    boolean isA(String type, String other) {
        Listed listed = types.get(type);
        return type.equals(other)
            || listed != null && listed.above.stream().anyMatch(above -> isA(above, other));
    }
}
