"""MQTT: tags in the topics of a broker, as plain values or inside JSON."""
