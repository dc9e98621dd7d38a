package tearing;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.List;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;

/**
 * Rewrites applets while they are loaded.
 *
 * <pre>
 *   -javaagent:tearing-1.jar=PACKAGE[,PACKAGE]...[;from=ENDING]
 *   -javaagent:tearing-1.jar=sources
 * </pre>
 *
 * <p>Rewritten are the classes of these packages and of those below them; with {@code from}, only
 * those that come from a folder or jar whose path ends like this: target/classes, say, where tests
 * are in the same package. With {@code sources} no applet is rewritten, only what {@link Sources}
 * needs, which the other form has as well.
 */
public final class Agent implements ClassFileTransformer {
    private static final String ONLY_SOURCES = "sources";

    private static volatile boolean isAttached;
    private static volatile boolean hasApplets;
    private static volatile Throwable refusal;

    private final List<String> packages;
    private final String from;

    private Agent(String arguments) {
        String[] parts = (arguments == null ? "" : arguments).split(";from=", 2);
        if (parts[0].isBlank()) {
            throw new IllegalArgumentException(
                "name the applet's packages: -javaagent:tearing-1.jar=PACKAGE[,PACKAGE]");
        }
        packages = parts[0].equals(ONLY_SOURCES) ? List.of() : List.of(parts[0].split(","));
        from = parts.length > 1 ? parts[1] : "";
    }

    /** Begins to rewrite; the JVM calls it before the program's main method. */
    public static void premain(String arguments, Instrumentation jvm) {
        Agent agent = new Agent(arguments);
        jvm.addTransformer(agent);
        isAttached = true;
        hasApplets = !agent.packages.isEmpty();
    }

    /** Fails if no applet is rewritten, or not everything. */
    static void check() {
        if (!hasApplets) {
            throw new IllegalStateException(
                "nothing is rewritten: start the JVM with -javaagent:tearing-1.jar=PACKAGE");
        }
        checkSources();
    }

    /** Fails if the simulator's sources aren't rewritten, or not everything. */
    static void checkSources() {
        if (!isAttached) {
            throw new IllegalStateException(
                "nothing is rewritten: start the JVM with -javaagent:tearing-1.jar=sources");
        }
        if (refusal != null) {
            throw new IllegalStateException("a class could not be rewritten", refusal);
        }
    }

    @Override
    public byte[] transform(ClassLoader loader, String name, Class<?> redefined,
            ProtectionDomain domain, byte[] bytes) {
        if (name == null) {
            return null;
        }
        try {
            ClassWriter out = new ClassWriter(ClassWriter.COMPUTE_MAXS);
            ClassVisitor rewriter;
            if (SourceRewriter.TARGETS.contains(name)) {
                rewriter = new SourceRewriter(out);
            } else if (LackingRewriter.TARGETS.contains(name)) {
                rewriter = new LackingRewriter(out);
            } else if (name.equals(RuntimeRewriter.TARGET) && !packages.isEmpty()) {
                rewriter = new RuntimeRewriter(out);
            } else if (isApplets(name, domain)) {
                rewriter = new Rewriter(out);
            } else {
                return null;
            }
            new ClassReader(bytes).accept(rewriter, 0);
            return out.toByteArray();
        } catch (RuntimeException | LinkageError e) { // the JVM would drop it
            refusal = e;
            return null;
        }
    }

    private boolean isApplets(String name, ProtectionDomain domain) {
        String dotted = name.replace('/', '.');
        if (packages.stream().noneMatch(p -> dotted.startsWith(p + "."))) {
            return false;
        }
        CodeSource source = domain == null ? null : domain.getCodeSource();
        if (from.isEmpty() || source == null || source.getLocation() == null) {
            return from.isEmpty();
        }
        String path = source.getLocation().getPath();
        return path.endsWith(from) || path.endsWith(from + "/");
    }
}
