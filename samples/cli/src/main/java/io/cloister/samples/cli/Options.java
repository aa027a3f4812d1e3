package io.cloister.samples.cli;

import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Describes options to picocli, and reads what was given.
///
/// In code, not by annotations: those are read by reflection, which at each start took longer than
/// everything else in this program.
final class Options {
    /// Makes what picocli asks for: collections, and nothing else here.
    static final IFactory FACTORY = new Factory();

    private Options() {}

    /// A command that runs `object`, and no options yet.
    static CommandSpec command(String name, Object object) {
        return CommandSpec.wrapWithoutInspection(object, FACTORY).name(name);
    }

    /// An option with a text.
    static OptionSpec text(String name, String label, String description) {
        return value(String.class, name, label, description).build();
    }

    /// An option with a value that picocli reads.
    static OptionSpec.Builder value(Class<?> type, String name, String label, String description) {
        return OptionSpec.builder(name).type(type).paramLabel(label).description(description);
    }

    /// An option that may be repeated, with a text each time.
    static OptionSpec texts(String name, String label, String description) {
        return value(List.class, name, label, description).auxiliaryTypes(String.class).build();
    }

    /// An option without a value.
    static OptionSpec flag(String name, String description) {
        return flag(description, new String[] {name}).build();
    }

    /// An option without a value, which has several names.
    static OptionSpec.Builder flag(String description, String[] names) {
        return OptionSpec.builder(names).type(boolean.class).description(description);
    }

    /// The option that shows the help of a subcommand.
    static OptionSpec help() {
        return flag("Show this help.", new String[] {"-h", "--help"}).usageHelp(true).build();
    }

    /// The words of a command.
    static PositionalParamSpec words(String description) {
        return PositionalParamSpec.builder()
                .index("0..*")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel("COMMAND")
                .description(description)
                .build();
    }

    /// A word that has to be there.
    static PositionalParamSpec word(int index, String label, String description) {
        return PositionalParamSpec.builder()
                .index(String.valueOf(index))
                .required(true)
                .type(String.class)
                .paramLabel(label)
                .description(description)
                .build();
    }

    /// {@return the value that was given, if any}
    static <T> Optional<T> given(ArgSpec option) {
        return Optional.ofNullable(option.<T>getValue());
    }

    /// {@return whether a value was given}
    static boolean isGiven(ArgSpec option) {
        return option.getValue() != null;
    }

    /// {@return the texts that were given}
    static List<String> all(ArgSpec option) {
        return Options.<List<String>>given(option).orElseGet(List::of);
    }

    /// {@return whether an option without a value was given}
    static boolean isSet(ArgSpec option) {
        return Options.<Boolean>given(option).orElse(false);
    }

    /// The one of picocli looks for Groovy first.
    private static final class Factory implements IFactory {
        @Override
        public <K> K create(Class<K> type) throws ReflectiveOperationException {
            if (type.isAssignableFrom(ArrayList.class)) {
                return type.cast(new ArrayList<>());
            }
            throw new InstantiationException(type.getName());
        }
    }
}
