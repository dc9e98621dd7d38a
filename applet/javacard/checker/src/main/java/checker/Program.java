package checker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/** The classes that are checked, and how they hang together. */
public final class Program {
    /** A method and the class that has it. */
    record Member(ClassNode type, MethodNode method) {
        @Override
        public String toString() {
            String name = type.name.substring(type.name.lastIndexOf('/') + 1);
            return method.name.equals("<init>") ? "new " + name : name + "." + method.name;
        }
    }

    final Api api = new Api();
    private final Map<String, ClassNode> classes = new TreeMap<>();

    /** Takes the contents of class files; those that are none give a RuntimeException. */
    public Program(Collection<byte[]> files) {
        for (byte[] file : files) {
            ClassNode node = new ClassNode();
            new ClassReader(file).accept(node, ClassReader.SKIP_FRAMES);
            classes.put(node.name, node);
        }
        classes.values().forEach(node -> checkAbove(node, new ArrayList<>()));
    }

    private Program(Map<String, ClassNode> some) {
        classes.putAll(some);
    }

    /** Returns the classes of one package, without those below it; of an empty one, all. */
    Program only(String dotted) {
        if (dotted.isEmpty()) {
            return this;
        }
        String folder = dotted.replace('.', '/') + "/";
        Map<String, ClassNode> own = new TreeMap<>(classes);
        own.keySet().removeIf(name -> name.lastIndexOf('/') + 1 != folder.length()
            || !name.startsWith(folder));
        if (own.isEmpty()) {
            throw new IllegalArgumentException("no class is in package " + dotted);
        }
        return new Program(own);
    }

    /** A damaged class may be above itself, and then nothing that goes up would end. */
    private void checkAbove(ClassNode node, List<String> below) {
        if (below.contains(node.name)) {
            throw new IllegalArgumentException(node.name + " is above itself");
        }
        List<String> above = new ArrayList<>(node.interfaces);
        above.add(node.superName);
        List<String> path = new ArrayList<>(below);
        path.add(node.name);
        above.stream().filter(classes::containsKey)
            .forEach(name -> checkAbove(classes.get(name), path));
    }

    /**
     * Reads a folder or a jar.
     *
     * @throws IOException if it can't be read or has no class in it
     */
    public static Program read(Path path) throws IOException {
        List<byte[]> files = Files.isDirectory(path) ? folder(path) : jar(path);
        if (files.isEmpty()) {
            throw new IOException("no class files in " + path);
        }
        try {
            return new Program(files);
        } catch (RuntimeException e) { // ASM has no exception of its own
            throw new IOException("a file in " + path + " is no class file that this reads: " + e,
                e);
        }
    }

    private static List<byte[]> folder(Path path) throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(path)) {
            for (Path file : (Iterable<Path>) paths.sorted()::iterator) {
                if (file.toString().endsWith(".class")) {
                    files.add(Files.readAllBytes(file));
                }
            }
        }
        return files;
    }

    private static List<byte[]> jar(Path path) throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (JarFile jar = new JarFile(path.toFile())) {
            for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements();) {
                JarEntry entry = all.nextElement();
                if (entry.getName().endsWith(".class")) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        files.add(in.readAllBytes());
                    }
                }
            }
        }
        return files;
    }

    Collection<ClassNode> classes() {
        return classes.values();
    }

    /** Returns all methods that have code. */
    List<Member> members() {
        return classes.values().stream().flatMap(type -> type.methods.stream()
            .filter(method -> method.instructions.size() > 0)
            .map(method -> new Member(type, method))).toList();
    }

    boolean has(String type) {
        return classes.containsKey(type);
    }

    ClassNode get(String type) {
        return classes.get(type);
    }

    /** Says whether a type of the program or the platform is another or lies below it. */
    boolean isA(String type, String other) {
        ClassNode node = classes.get(type);
        if (node == null) {
            return api.isA(type, other);
        }
        return type.equals(other) || isA(node.superName, other)
            || node.interfaces.stream().anyMatch(above -> isA(above, other));
    }

    /** Says whether a program's or the platform's type has a method, its own or from above. */
    boolean has(String type, String name, String descriptor) {
        ClassNode node = classes.get(type);
        if (node == null) {
            return api.has(type, name + descriptor);
        }
        return declared(node, name, descriptor) != null || !name.equals("<init>")
            && (has(node.superName, name, descriptor)
                || node.interfaces.stream().anyMatch(above -> has(above, name, descriptor)));
    }

    private static MethodNode declared(ClassNode node, String name, String descriptor) {
        return node.methods.stream()
            .filter(m -> m.name.equals(name) && m.desc.equals(descriptor)).findFirst().orElse(null);
    }

    /** Returns the method that an object of a class answers with, or null if the platform does. */
    Member find(String type, String name, String descriptor) {
        for (ClassNode node = classes.get(type); node != null; node = classes.get(node.superName)) {
            MethodNode method = declared(node, name, descriptor);
            if (method != null) {
                return new Member(node, method);
            }
        }
        return null;
    }

    /** Returns all methods of the program that a call may end in, whatever the object is. */
    Set<Member> targets(MethodInsnNode call) {
        Set<Member> targets = new LinkedHashSet<>();
        boolean isFixed = call.getOpcode() == Opcodes.INVOKESTATIC
            || call.getOpcode() == Opcodes.INVOKESPECIAL;
        for (ClassNode node : classes.values()) {
            if (isFixed ? node.name.equals(call.owner) : isA(node.name, call.owner)) {
                Member found = find(node.name, call.name, call.desc);
                if (found != null && found.method.instructions.size() > 0) {
                    targets.add(found);
                }
            }
        }
        return targets;
    }
}
