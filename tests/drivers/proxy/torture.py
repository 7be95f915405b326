"""The torture messages of RFC 4475 as far as they concern a proxy, written anew from the facts that it states.

Each is what the RFC's message of that name is about; names, numbers and bodies that do not matter are our own.
"""

SDP = b"v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 49000 RTP/AVP 0\r\n"
VIA = "Via: SIP/2.0/UDP 127.0.0.2:5070;branch=z9hG4bKtorture"


def raw(*lines: str, body: bytes = b"") -> bytes:
    """Lines as they are, an empty one, and a body."""
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def plain(start: str, *, without: tuple[str, ...] = (), extra: tuple[str, ...] = (), body: bytes = b"") -> bytes:
    """A sound request with some headers taken out and others put in."""
    method = start.split(" ", maxsplit=1)[0]
    headers = {
        "Via": VIA,
        "From": "From: <sip:caller@example.net>;tag=1",
        "To": "To: <sip:callee@example.com>",
        "Call-ID": "Call-ID: torture@192.0.2.1",
        "CSeq": f"CSeq: 7 {method}",
        "Max-Forwards": "Max-Forwards: 70",
        "Content-Length": f"Content-Length: {len(body)}",
    }
    kept = [line for name, line in headers.items() if name not in without]
    return raw(start, *kept, *extra, body=body)


INVITE = "INVITE sip:callee@127.0.0.1 SIP/2.0"
OPTIONS = "OPTIONS sip:callee@example.com SIP/2.0"
REGISTER = "REGISTER sip:example.com SIP/2.0"

WSINV = raw(
    "INVITE sip:vivek@example.com;unknownparam SIP/2.0",
    "TO :",
    " sip:vivek@example.com ;   tag    = 1918181833n",
    'from   : "J Ros \\\\\\""       <sip:jros@example.com>',
    "  ;",
    "  tag = 98asjd8",
    "MaX-fOrWaRdS: 0068",
    "Call-ID: wsinv.1@192.0.2.1",
    f"Content-Length   : {len(SDP)}",
    "cseq: 0009",
    "  INVITE",
    "Via  : SIP  /   2.0",
    " /UDP",
    "    192.0.2.2;branch=390skdjuw",
    "s :",
    "NewFangledHeader:   newfangled value",
    " continued newfangled value",
    "UnknownHeaderWithUnusualValue: ;;,,;;,;",
    "Content-Type: application/sdp",
    "Route:",
    " <sip:services.example.com;lr;unknownwith=value;unknown-no-value>",
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;",
    "  branch  =   z9hG4bK9ikj8  ,",
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=",
    " z9hG4bK30239",
    'm:"Quoted string \\"\\"" <sip:jros@example.com> ; newparam =',
    "      newvalue ;",
    "  secondparam ; q = 0.33",
    body=SDP,
)

ODD_METHOD = "!interesting-Method0123456789_*+`.%indeed'~"
INTMETH = raw(
    f"{ODD_METHOD} sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    "@example.com SIP/2.0",
    "Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bK-.!%66*_+`'~",
    'To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@example.com>',
    "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="
    '"\xd1\x80\xd0\xb0\xd0\xb1";tag=_token~1\'+`*%!-.',
    "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
    f"CSeq: 139122385 {ODD_METHOD}",
    "Max-Forwards: 255",
    "extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7",
    "Content-Length: 0",
)

LONGREQ = raw(
    "INVITE sip:user@example.com SIP/2.0",
    f'To: "I have a user name of {"extreme " * 60}proportion"<sip:user@example.com:6000;unknownparam1='
    f"very{'long' * 40}value;longparam{'name' * 20}=shortvalue>",
    f"F: sip:{'amazinglylongcallername' * 8}@example.net;tag={'12' * 80};unknownheaderparam{'name' * 20}=value",
    f"Call-ID: longreq.one{'really' * 25}longcallid",
    "CSeq: 3882340 INVITE",
    f"Unknown-{'Long' * 50}-Name: unknown-{'long' * 50}-value",
    *(f"Via: SIP/2.0/TCP sip{number}.example.com;branch=z9hG4bK{'x' * 150}{number}" for number in range(33, 0, -1)),
    "Max-Forwards: 70",
    f"Contact: <sip:{'amazinglylongcallername' * 8}@host5.example.net>",
    f"Content-Length: {len(SDP)}",
    body=SDP,
)

TRANSPORTS = raw(
    "OPTIONS sip:user@example.com SIP/2.0",
    "To: sip:user@example.com",
    "From: <sip:caller@example.com>;tag=323",
    "Max-Forwards: 70",
    "Call-ID: transports.kijh4akdnaqjkwendsasfdj",
    "CSeq: 60 OPTIONS",
    "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw",
    "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf",
    "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj",
    "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en",
    "Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee",
    "l: 0",
)

MPART = b"--7a9cbec0\r\nContent-Type: text/plain\r\n\r\nHello\r\n--7a9cbec0\r\n\r\n\x00\x01\xff\r\n\r\n\xfe--"

INV2543 = raw(
    "INVITE sip:UserB@example.com SIP/2.0",
    "Via: SIP/2.0/UDP iftgw.example.com",
    "From: <sip:+13035551111@ift.client.example.net;user=phone>",
    "Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>",
    "To: sip:+16505552222@ss1.example.net;user=phone",
    "Call-ID: inv2543.1717@ift.client.example.com",
    "CSeq: 56 INVITE",
    "Content-Type: application/sdp",
    body=SDP,
)

ACCEPTED = {
    "wsinv": WSINV,
    "intmeth": INTMETH,
    "esc01": plain(
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
        without=("To", "From"),
        extra=(
            "To: sip:%75se%72@example.com",
            "From: <sip:I%20have%20spaces@example.net>;tag=938",
            "Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>",
        ),
        body=SDP,
    ),
    "escnull": plain(REGISTER, without=("To",), extra=("To: sip:null-%00-null@example.com",)),
    "esc02": plain(
        "RE%47IST%45R sip:registrar.example.com SIP/2.0",
        without=("To", "From"),
        extra=('To: "%Z%45" <sip:resource@example.com>', 'From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23'),
    ),
    "lwsdisp": plain(OPTIONS, without=("From",), extra=("From: caller<sip:caller@example.com>;tag=323",)),
    "longreq": LONGREQ,
    "dblreq": plain(REGISTER) + plain(INVITE, body=SDP),
    "semiuri": plain("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0"),
    "transports": TRANSPORTS,
    "mpart01": plain("MESSAGE sip:callee@example.com SIP/2.0", body=MPART),
    "baddate": plain(INVITE, extra=("Date: Fri, 01 Jan 2010 16:00:00 EST",), body=SDP),
    "badbranch": plain(OPTIONS, without=("Via",), extra=("Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK",)),
    "unksm2": plain(
        REGISTER,
        without=("To", "From"),
        extra=("To: isbn:2983792873", "From: <http://www.example.com>;tag=3234233", "Contact: <name:John_Smith>"),
    ),
    "invut": plain(INVITE, extra=("Content-Type: application/unknownformat",), body=b"<audio/>"),
    "regaut01": plain(REGISTER, extra=("Authorization: NoOneKnowsThisScheme opaque-data=here",)),
    "cparam01": plain(REGISTER, extra=("Contact: sip:+19725552222@gw1.example.net;unknownparam",)),
    "cparam02": plain(REGISTER, extra=("Contact: <sip:+19725552222@gw1.example.net;unknownparam>",)),
    "regescrt": plain(REGISTER, extra=("Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>",)),
    "sdp01": plain(INVITE, extra=("Accept: text/nobodyKnowsThis",), body=SDP),
    "inv2543": INV2543,
    "baddn": plain(OPTIONS, without=("From",), extra=("From: Bell, Alexander <sip:a.bell@example.com>;tag=43",)),
}
"""By the RFC's name: requests that a proxy must or may take as they are."""

REFUSED = {
    "badinv01": (
        400,
        plain(
            INVITE,
            without=("Via",),
            extra=("Via: SIP/2.0/UDP 192.0.2.15;;,;,,", 'Contact: "Joe" <sip:joe@example.org>;;;;'),
        ),
    ),
    "clerr": (400, plain(INVITE, without=("Content-Length",), extra=("Content-Length: 9999",), body=SDP)),
    "ncl": (400, plain(INVITE, without=("Content-Length",), extra=("Content-Length: -999",), body=SDP)),
    "scalar02": (
        400,
        plain(
            REGISTER,
            without=("CSeq", "Max-Forwards"),
            extra=("CSeq: 36893488147419103232 REGISTER", "Max-Forwards: 300", "Expires: 10000000000"),
        ),
    ),
    "quotbal": (400, plain(INVITE, without=("To",), extra=('To: "Mr. J. User <sip:j.user@example.com>',))),
    "ltgtruri": (400, plain("INVITE <sip:user@example.com> SIP/2.0")),
    "lwsruri": (400, plain("INVITE sip:user@example.com; lr SIP/2.0")),
    "lwsstart": (400, plain("INVITE  sip:user@example.com  SIP/2.0")),
    "trws": (400, plain("OPTIONS sip:remote-target@example.com SIP/2.0  ")),
    "escruri": (400, plain("INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0")),
    "badaspec": (400, plain(OPTIONS, without=("To",), extra=('To: "Watson, Thomas" < sip:t.wat son@example.org >',))),
    "badvers": (505, plain("OPTIONS sip:t.watson@example.org SIP/7.0")),
    "mismatch01": (400, plain(OPTIONS, without=("CSeq",), extra=("CSeq: 8 INVITE",))),
    "mismatch02": (400, plain("NEWMETHOD sip:user@example.com SIP/2.0", without=("CSeq",), extra=("CSeq: 8 INVITE",))),
    "insuf": (400, plain(INVITE, without=("Call-ID", "From", "To"))),
    "unkscm": (416, plain("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0")),
    "novelsc": (416, plain("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0")),
    "bext01": (
        420,
        plain(
            OPTIONS,
            extra=(
                "Require: nothingSupportsThis, nothingSupportsThisEither",
                "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis",
            ),
        ),
    ),
    "multi01": (
        400,
        plain(INVITE, extra=("From: sip:other@example.net;tag=9", "Call-ID: another@192.0.2.9", "CSeq: 8 INVITE")),
    ),
    "mcl01": (400, plain(OPTIONS, extra=("Content-Length: 5",), body=b"There")),
    "zeromf": (483, plain(OPTIONS, without=("Max-Forwards",), extra=("Max-Forwards: 0",))),
}
"""By the RFC's name: what a proxy answers to requests that it must refuse."""


def answer(status_line: str, *, cseq: str = "CSeq: 8 INVITE", vias: tuple[str, ...] = (VIA,)) -> bytes:
    """A response."""
    names = ("From: <sip:caller@example.com>;tag=3", "To: <sip:callee@example.com>;tag=4", "Call-ID: answer@192.0.2.1")
    return raw(status_line, *vias, *names, cseq, "Content-Length: 0")


PASSED = {
    "unreason": answer("SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe"),
    "noreason": answer("SIP/2.0 100 "),
}
"""Responses that are sound."""

DROPPED = {
    "scalarlg": answer("SIP/2.0 503 Service Unavailable", cseq="CSeq: 9292394834772304023312 OPTIONS"),
    "bigcode": answer("SIP/2.0 4294967301 better not break the receiver"),
    "bcast": answer(
        "SIP/2.0 200 OK",
        vias=(
            "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923",
            "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23",
        ),
    ),
}
"""Responses that a proxy throws away."""
