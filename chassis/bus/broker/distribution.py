"""Fetch Kafka's programs once for each user and version, through the ordinary Maven client."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis.errors import Message

VERSION: Final = "4.4.0"
_LOGGER: Final = "1.7.36"
_FETCH_SECONDS_MAX: Final = 600
_PROJECT: Final = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>cn.xianjie</groupId><artifactId>broker</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency>
    <!-- Without a logger behind its facade a broker that cannot start does not say why. -->
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>{_LOGGER}</version></dependency>
  </dependencies>
</project>
"""


class BrokerMissing(Exception):
    """There is no broker to be had, or it does not start; ``message`` says what to do, in both languages."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


@dataclass(frozen=True, slots=True)
class Distribution:
    """Where Kafka's jars lie, and the Java that runs them."""

    folder: Path
    java: Path

    def command(self, main: str, *arguments: str | Path, heap_mib: int) -> list[str]:
        """The command line of one of Kafka's programs.

        The quick compiler alone: a broker of one machine starts in half the time and is as fast for what it carries.
        """
        tuning = [f"-Xmx{heap_mib}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]
        logging = [
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
        ]
        words = [self.java, *tuning, *logging, "-cp", f"{self.folder}/*", main, *arguments]
        return [str(word) for word in words]


def fetch() -> Distribution:
    """Kafka's programs, fetched by the first who asks.

    :raises BrokerMissing: without Java or Maven, or if Maven fetches nothing.
    """
    java = _program("java")
    folder = _cache() / f"kafka-{VERSION}"
    if not folder.is_dir():
        maven = _program("mvn")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.with_name(f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                _fetch(maven, folder)
    return Distribution(folder, java)


def _program(name: str) -> Path:
    found = shutil.which(name)
    if found is None:
        raise BrokerMissing(
            Message(
                f"找不到 {name}：请安装 Java 17 或更新版本和 Maven（Debian：openjdk-17-jre-headless、maven）。",
                f"There is no {name}: install Java 17 or newer and Maven (Debian: openjdk-17-jre-headless, maven).",
            )
        )
    return Path(found)


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "xianjie"


def _fetch(maven: Path, folder: Path) -> None:
    """Fill a folder aside and rename it into place, so that nobody ever runs half of it."""
    with tempfile.TemporaryDirectory(prefix=".kafka-", dir=folder.parent) as scratch:
        project, jars = Path(scratch, "pom.xml"), Path(scratch, "jars")
        project.write_text(_PROJECT, "utf-8")
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={jars}"]
        try:
            done = subprocess.run(  # noqa: S603
                [maven, "-B", "-q", "-f", project, *goal],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_FETCH_SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _not_fetched("") from None
        if done.returncode != 0 or not any(jars.glob("kafka_*.jar")):
            raise _not_fetched(done.stdout.strip()[-500:])
        jars.rename(folder)


def _not_fetched(said: str) -> BrokerMissing:
    return BrokerMissing(
        Message(
            f"Maven 未能取得 Kafka {VERSION}，请检查网络或 Maven 设置。{said}",
            f"Maven could not fetch Kafka {VERSION}; look at the network or Maven's settings. {said}",
        )
    )
