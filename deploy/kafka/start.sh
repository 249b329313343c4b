#!/bin/bash
# Start the one broker of a small deployment: KRaft, passwords for everybody, topics only as declared.
# Runs in the image of Apache Kafka; users come from the secret kafka_users, one name=password a line.
set -euo pipefail
data=/var/lib/kafka/data
config=/tmp/server.properties
users=${KAFKA_USERS_FILE:-/run/secrets/kafka_users}
cp /etc/xianjie/server.properties "$config"
admin=$(sed -n 's/^admin=//p' "$users")
cat >>"$config" <<EOF
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="$admin";
EOF
if [ ! -f "$data/meta.properties" ]; then
  scram=()
  while IFS='=' read -r name password; do
    [ -n "$name" ] && scram+=(--add-scram "SCRAM-SHA-512=[name=$name,password=$password]")
  done <"$users"
  /opt/kafka/bin/kafka-storage.sh format --standalone -t "$(/opt/kafka/bin/kafka-storage.sh random-uuid)" \
    -c "$config" "${scram[@]}"
fi
exec /opt/kafka/bin/kafka-server-start.sh "$config"
