package dev.tutti.app;

import dev.tutti.discovery.MdnsAdvert;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;
import java.util.Optional;
