"""One session with an MQTT broker, for drivers whose devices meet there; needs the distribution `aiomqtt`."""
