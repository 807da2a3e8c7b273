"""The sinks by name: a new one is one file and one entry here.

The command `watch` offers each entry as an option, and the live page those with an environment
variable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from realtime.core.extras import install_command, missing_packages
from realtime.events.sinks.types import Sink, SinkContext, SinkError


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkEntry:
    """A kind of sink.

    Attributes:
        option: the command line's option, without dashes.
        metavar: what its value is called there.
        help: one sentence.
        create: makes a sink of the option's value.
        variable: the environment variable by which an operator turns it on for the live page;
            empty if that is not possible.
        modules: packages of the extra that it needs.
        extra: that extra.
    """

    option: str
    metavar: str
    help: str
    create: Callable[[str, SinkContext], Sink]
    variable: str = ""
    modules: tuple[str, ...] = ()
    extra: str = ""

    def open(self, value: str, context: SinkContext) -> Sink:
        """Make a sink.

        Raises:
            SinkError: the value is invalid, or a package is missing.
        """
        if missing_packages(self.modules):
            raise SinkError(f"--{self.option} needs a package: {install_command(self.extra)}.")
        return self.create(value, context)


def _lines(value: str, context: SinkContext) -> Sink:
    from realtime.events.sinks.lines import LinesSink

    return LinesSink(value, context)


def _webhook(value: str, context: SinkContext) -> Sink:
    from realtime.events.sinks.webhook import WebhookSink

    return WebhookSink(value, context)


def _mqtt(value: str, context: SinkContext) -> Sink:
    from realtime.events.sinks.mqtt import MqttSink

    return MqttSink(value, context)


SINKS: tuple[SinkEntry, ...] = (
    SinkEntry(
        option="events",
        metavar="FILE",
        help="append each event to a file as a JSON line; - is stdout, the default without any "
        "other place for events",
        create=_lines,
    ),
    SinkEntry(
        option="webhook",
        metavar="URL",
        help="POST each event, signed with the secret in FACESTREAM_WEBHOOK_SECRET",
        create=_webhook,
        variable="FACESTREAM_WEBHOOK_URL",
    ),
    SinkEntry(
        option="mqtt",
        metavar="URL",
        help="publish events to a broker, mqtt://[USER@]HOST[:PORT][/TOPIC] or mqtts://…; the "
        "password is in FACESTREAM_MQTT_PASSWORD",
        create=_mqtt,
        variable="FACESTREAM_MQTT_URL",
        modules=("aiomqtt",),
        extra="events",
    ),
)


def operator_sinks(environ: Mapping[str, str], context: SinkContext) -> list[Sink]:
    """The sinks that an operator has turned on by environment variables.

    Raises:
        SinkError: one of them cannot be used.
    """
    context = replace(context, environ=environ)
    return [
        entry.open(environ[entry.variable], context)
        for entry in SINKS
        if entry.variable and environ.get(entry.variable)
    ]
