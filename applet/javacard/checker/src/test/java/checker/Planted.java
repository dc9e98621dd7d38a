package checker;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles applets whose source a test gives. */
final class Planted {
    private static final String IMPORTS =
        "import javacard.framework.*; import javacard.security.*; import javacardx.crypto.*; ";

    private Planted() {
    }

    /** Returns an applet planted.Planted with members: {@link #applets}. */
    static Program applet(String members) {
        return compile(Map.of("planted", source(members)), "8").get("planted");
    }

    /** Compiles a source without its package and its imports. */
    static Program compile(String source, String release) {
        return compile(Map.of("planted", source), release).get("planted");
    }

    /**
     * Returns an applet for each text of members: with a way to be installed, and no process but
     * that in them. All are compiled at once, because starting the compiler takes longest.
     */
    static Map<String, Program> applets(Collection<String> members) {
        Map<String, String> sources = new HashMap<>();
        Map<String, String> packages = new HashMap<>();
        for (String text : members) {
            if (!packages.containsKey(text)) {
                String name = "planted" + packages.size();
                packages.put(text, name);
                sources.put(name, source(text));
            }
        }
        Map<String, Program> compiled = compile(sources, "8");
        Map<String, Program> applets = new HashMap<>();
        packages.forEach((text, name) -> applets.put(text, compiled.get(name)));
        return applets;
    }

    private static String source(String members) {
        String process = members.contains("void process(") ? ""
            : "public void process(APDU apdu) { run(apdu.getBuffer()); } ";
        String run = members.contains("void run(byte") ? "" : "void run(byte[] b) { } ";
        return "public class Planted extends Applet { public static void install(byte[] p,"
            + " short off, byte len) { new Planted().register(); } " + process + run + members
            + " }";
    }

    /** Returns the class file of such an applet. */
    static byte[] bytes(String members) {
        return files(Map.of("planted", source(members)), "8").get("planted").get(0).toByteArray();
    }

    private static Map<String, Program> compile(Map<String, String> sources, String release) {
        Map<String, Program> programs = new HashMap<>();
        files(sources, release).forEach((name, files) -> programs.put(name, new Program(
            files.stream().map(ByteArrayOutputStream::toByteArray).toList())));
        return programs;
    }

    /** Compiles one class Planted for each package's source. */
    private static Map<String, List<ByteArrayOutputStream>> files(Map<String, String> sources,
            String release) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        Outputs outputs = new Outputs(compiler.getStandardFileManager(problems, null, null));
        List<Text> texts = sources.entrySet().stream()
            .map(source -> new Text(source.getKey(), source.getValue())).toList();
        if (!compiler.getTask(null, outputs, problems, List.of("--release", release, "-Xlint:none",
                "-proc:none", "-classpath", System.getProperty("java.class.path")), null, texts)
                .call()) {
            throw new IllegalArgumentException(problems.getDiagnostics().stream()
                .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
                .map(Object::toString).collect(Collectors.joining("; ")));
        }
        return outputs.files;
    }

    private static final class Text extends SimpleJavaFileObject {
        private final String text;

        Text(String name, String source) {
            super(URI.create("string:///" + name + "/Planted.java"), Kind.SOURCE);
            text = "package " + name + "; " + IMPORTS + source;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps what the compiler writes. */
    private static final class Outputs extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, List<ByteArrayOutputStream>> files = new HashMap<>(); // by package

        Outputs(JavaFileManager manager) {
            super(manager);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location location, String name,
                JavaFileObject.Kind kind, FileObject sibling) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            files.computeIfAbsent(name.split("\\.")[0], p -> new ArrayList<>()).add(file);
            return new SimpleJavaFileObject(URI.create("mem:///" + name + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return file;
                }
            };
        }
    }
}
