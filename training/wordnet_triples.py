"""Choose the triples of ``content/knowledge/triples.tsv`` from WordNet 3.0 and add the relations written for this project.

    python -m training.wordnet_triples wordnet_triples.tsv.xz

A triple of WordNet is kept where both of its words are in ``WORDS``, everyday words that a class knows. WordNet relates
senses, the file only words; what came from a sense nobody thinks of (a spade is a playing card) is in ``OTHER_SENSES``.
The file's IsA is "is a", HasPart is "has part", MadeOf is "made of", Antonym is "opposite of" and is kept in one direction.
"""

from __future__ import annotations

import lzma
import re
import sys
from pathlib import Path

TRIPLES = Path(__file__).parent.parent / "content" / "knowledge" / "triples.tsv"
RELATIONS = {"IsA": "is-a", "HasPart": "has-part", "MadeOf": "made-of", "Antonym": "opposite-of"}

WORDS = frozenset(
    word
    for line in """
    animal, bird, fish, insect, mammal, reptile, amphibian, vertebrate, invertebrate, rodent, canine, feline, dog, cat, wolf,
    fox, puppy, kitten, horse, pony, foal, cow, bull, calf, sheep, lamb, goat, pig, piglet, rabbit, hare, mouse, rat, squirrel,
    bear, lion, tiger, leopard, elephant, monkey, ape, gorilla, whale, dolphin, shark, salmon, trout, tuna, frog, toad, snake,
    lizard, turtle, crocodile, eagle, hawk, owl, robin, thrush, crow, duck, goose, swan, hen, chicken, chick, penguin, parrot,
    pigeon, bee, ant, wasp, fly, butterfly, beetle, spider, bird of prey, domestic animal, big cat, primate, waterfowl,
    plant, tree, flower, grass, herb, shrub, vegetable, fruit, edible fruit, oak, pine, maple, willow, rose, tulip, daisy, lily,
    apple, pear, orange, lemon, banana, cherry, peach, grape, berry, strawberry, carrot, potato, onion, tomato, cabbage, bean, pea,
    lettuce, root vegetable, citrus, leaf, root, stem, trunk, branch, bark, seed, petal, blossom, wood, timber, forest,
    tool, hand tool, spade, shovel, hand shovel, hammer, saw, axe, ax, knife, scissors, screwdriver, drill, rake, hoe, garden tool, chisel,
    pliers, wrench, edge tool, fork, spoon, cutlery, needle, pin, nail, screw, rope, blade, handle, cutter, cutting implement,
    vehicle, wheeled vehicle, motor vehicle, car, truck, bus, bicycle, motorcycle, train, airplane, aircraft, helicopter, boat, ship, vessel, sailboat,
    wheel, engine, brake, pedal, window, door, roof, mast, sail, wing, tail, rudder, deck, hull, public transport, ambulance, taxi, van,
    house, building, church, school, hospital, hotel, castle, tower, bridge, wall, floor, ceiling, room, kitchen, bedroom, bathroom,
    library, stairs, step, chimney, fireplace, garden, dwelling, cottage, barn, hearth, living room, door, lock, key, brick, building material,
    furniture, chair, table, bed, desk, sofa, armchair, seat, stool, bench, shelf, bookcase, lamp, leg, drawer, mattress, cupboard,
    instrument, musical instrument, stringed instrument, keyboard instrument, percussion instrument, wind instrument, piano, violin, guitar,
    drum, flute, trumpet, clarinet, cello, harp, organ, keyboard, string, woodwind, brass, bow,
    clothing, garment, shirt, coat, jacket, dress, skirt, trousers, hat, cap, shoe, boot, footwear, glove, sock, button, sleeve, collar, pocket, sandal, scarf,
    food, bread, butter, cheese, milk, meat, beef, pork, ham, cake, pie, pastry, soup, sandwich, sugar, salt, flour, egg, dish, dairy product, dessert, baked goods,
    beverage, drink, water, tea, coffee, wine, beer, juice, alcohol, lemonade,
    body, body part, head, face, eye, ear, nose, mouth, tooth, tongue, lip, neck, arm, hand, finger, thumb, elbow, shoulder, leg, knee, foot, toe,
    heart, lung, liver, stomach, brain, bone, skin, hair, blood, internal organ, digit, wrist, ankle, chest, feather, beak, claw, paw, fin, scale, fur, hoof, horn, mane,
    metal, iron, steel, gold, silver, copper, tin, lead, aluminum, precious metal, metallic element, glass, paper, plastic, leather, wool, cotton, silk, fabric, stone, sand, clay, ceramic, alloy, bronze,
    river, lake, sea, ocean, mountain, hill, valley, island, desert, beach, body of water, stream, volcano, crater, summit, planet, earth, mars, star, moon, sun, sky, cloud, rain, snow, wind, storm, weather, ice, precipitation,
    person, man, woman, boy, girl, child, baby, mother, father, parent, son, daughter, brother, sister, doctor, nurse, teacher, educator, student, farmer, cook, chef, baker, carpenter, artist, painter, musician, singer, soldier, pilot, sailor, lawyer, king, queen, adult, male, female, relative, worker, health professional, entertainer,
    book, page, chapter, cover, letter, newspaper, magazine, dictionary, novel, story, poem, pen, pencil, writing implement, word, sentence,
    clock, watch, timepiece, telephone, computer, camera, lens, screen, radio, television, monitor, machine, device, toy, doll, ball, game, sport, football, tennis, baseball, chess, racket, puppet, container, bottle, cup, bucket, box, bag, basket, jar,
    day, night, week, month, year, hour, minute, second, morning, evening, winter, summer, spring, autumn, season, monday, january,
    hot, cold, warm, cool, big, small, large, little, good, bad, long, short, tall, high, low, old, new, young, fast, slow, hard, soft, heavy, light, dark, wet, dry, clean, dirty, full, empty, rich, poor, strong, weak, wide, narrow, thick, thin, open, closed, early, late, easy, difficult, happy, sad, true, false, right, wrong, left, loud, quiet, safe, dangerous, sweet, sour, sharp, dull, deep, shallow, first, last, alive, dead, black, white, war, peace, love, hate, victory, defeat, beginning, end, success, failure, north, south, east, west, top, bottom, inside, outside, up, down
    """.splitlines()
    for word in map(str.strip, line.split(","))
    if word
)

RELATION = re.compile(r" (is-a|has-part|made-of|opposite-of|used-for|found-in) ")


def _parse(text: str) -> list[tuple[str, ...]]:
    """``"spade used-for digging; ..."`` as triples."""
    return [tuple(RELATION.split(part.strip())) for part in re.split(r"[;\n]", text) if part.strip()]


OTHER_SENSES = frozenset(
    _parse("""
aircraft has-part skin; adult is-a animal; amphibian is-a airplane; amphibian is-a motor vehicle; ax is-a end; baby is-a girl; ball is-a baseball; ball is-a wind;
banana is-a herb; bark is-a cover; baseball is-a ball; beak is-a mouth; bean is-a seed; bear opposite-of bull; bed is-a plant; bird is-a meat; black is-a clothing;
black is-a man; blade is-a leaf; bone is-a white; boot has-part collar; box is-a seat; box is-a shrub; boy is-a man; branch is-a stream; brass is-a wind instrument; bread is-a cover; bull is-a man;
butter is-a cover; calf is-a leather; camera has-part magazine; canine is-a tooth; cap is-a top; carrot is-a herb; cat is-a woman; chair is-a head; cherry is-a wood; chest is-a box;
church is-a body; cloud is-a dull; coat is-a cover; coat is-a dress; coat is-a hair; coffee is-a tree; copper is-a coat; cotton is-a shrub; cover is-a dress; deep is-a ocean; digit has-part nail;
dish is-a container; door is-a room; down is-a feather; down is-a hair; dress is-a cook; drill is-a train; drink is-a body of water; drum is-a vessel; dry opposite-of sweet; duck is-a fabric;
ear is-a fruit; egg is-a coat; empty is-a container; engine is-a instrument; evening is-a day; face is-a cover; face is-a person; feather is-a cover; female is-a animal; first opposite-of second; fish is-a food;
floor is-a right; floor is-a room; foot is-a bottom; foot is-a organ; foot opposite-of head; footwear has-part toe; fork is-a branch; fox is-a fur; fruit is-a bear; full opposite-of thin; fur is-a coat; fur is-a garment; game is-a animal;
game is-a meat; garment has-part fly; garment has-part shoulder; garment has-part skirt; glass is-a container; grape made-of wine; grass is-a cover; hand has-part ball; hand is-a lead; hand is-a sailor;
hare has-part rabbit; head is-a domestic animal; head is-a top; head is-a word; hearth is-a dwelling; hen is-a female; herb has-part vegetable; hoof has-part toe; horn is-a device; ice is-a cool; invertebrate has-part foot;
jacket is-a cover; jacket is-a dress; keyboard is-a device; lake has-part floor; lamb is-a meat; lamp is-a furniture; left is-a hand; lens is-a organ; leopard is-a fur; lettuce is-a herb; liver is-a person; lock is-a hair;
machine is-a person; male is-a animal; mammal has-part coat; maple is-a wood; metal is-a coat; monitor is-a lizard; mouse is-a person; night has-part evening; night is-a dark; nail has-part head; oak is-a wood; organ is-a body part;
nose has-part bridge; page is-a leaf; paper is-a cover; pen is-a swan; pin is-a leg; pine is-a wood; potato has-part jacket; queen is-a insect; rabbit is-a game; racket has-part face; right is-a hand;
robin is-a bird; roof is-a cover; root has-part bark; root is-a plant; safe is-a cupboard; sail is-a boat; salt is-a season; scale is-a leaf; school is-a body; seed is-a bear; seed is-a fruit; ship has-part fin; ship has-part screw; ship has-part top;
shirt is-a dress; shoe has-part collar; shoe is-a dress; skin is-a bag; skirt has-part seat; small is-a body part; snake is-a wind; spoon is-a container; spoon is-a wood; sport is-a person; spring is-a beginning;
squirrel is-a fur; steel is-a cover; strawberry is-a herb; tail is-a top; tea is-a herb; thrush is-a singer; tiger is-a person; tin is-a vessel; tomato is-a herb; tooth is-a bone; trunk has-part bark; vegetable is-a herb;
timepiece has-part hand; vessel has-part bow; vessel is-a container; water is-a food; water is-a wet; weather is-a sail; wheel is-a machine; wheeled vehicle is-a container; white is-a man; wine is-a drink; wing is-a organ; wool is-a coat;
worker is-a insect; young is-a animal; invertebrate opposite-of vertebrate; ship is-a vessel; boat is-a vessel; bottle is-a vessel; bucket is-a vessel; jar is-a vessel; vertebrate has-part digit;
hammer has-part head; pin has-part head; screw has-part head; needle has-part eye; bottle has-part mouth; jar has-part mouth; watch has-part face; chair has-part leg; table has-part leg; saw has-part tooth;
boot has-part tongue; shoe has-part tongue; beak is-a nose; organ has-part keyboard; organ has-part pedal; organ is-a keyboard instrument; organ is-a wind instrument; stringed instrument has-part bridge;
helicopter has-part blade; head opposite-of tail; aircraft has-part nose; armchair has-part arm; garment has-part neck
""")
)

# Written for this project.
OURS = _parse("""
spade used-for digging; shovel used-for digging; rake used-for gathering leaves; hoe used-for weeding; hammer used-for driving nails; saw used-for cutting wood; axe used-for cutting wood; knife used-for cutting; scissors used-for cutting paper;
screwdriver used-for turning screws; drill used-for making holes; needle used-for sewing; rope used-for tying; fork used-for eating; spoon used-for eating soup; cup used-for drinking; bottle used-for keeping water; bucket used-for carrying water;
pen used-for writing; pencil used-for writing; book used-for reading; lamp used-for giving light; bed used-for sleeping; chair used-for sitting; sofa used-for sitting; desk used-for writing; shelf used-for keeping books; key used-for opening a lock;
clock used-for telling the time; watch used-for telling the time; camera used-for taking pictures; telephone used-for talking; car used-for driving; bus used-for carrying people; truck used-for carrying goods; boat used-for crossing water; ship used-for crossing the sea;
airplane used-for flying; umbrella used-for keeping off rain; coat used-for keeping warm; glove used-for keeping hands warm; oven used-for baking; stove used-for cooking; broom used-for sweeping; soap used-for washing; towel used-for drying; brush used-for painting; brick used-for building;
cement used-for building; ladder used-for climbing; net used-for catching fish; gun used-for shooting; bridge used-for crossing a river; hospital used-for treating the sick; school used-for teaching; piano used-for making music; guitar used-for making music;
table made-of wood; chair made-of wood; house made-of brick; window made-of glass; bottle made-of glass; knife made-of steel; hammer made-of steel; spade made-of steel; book made-of paper; newspaper made-of paper; shoe made-of leather; boot made-of leather;
shirt made-of cotton; scarf made-of wool; ring made-of gold; cheese made-of milk; butter made-of milk; wine made-of grapes; cake made-of flour; statue made-of stone; candle made-of wax; tire made-of rubber; cloud made-of water; bucket made-of plastic;
bed found-in bedroom; stove found-in kitchen; oven found-in kitchen; fork found-in kitchen; spade found-in garden; rake found-in garden; flower found-in garden; tree found-in forest; bear found-in forest; fish found-in water; shark found-in ocean; whale found-in ocean;
camel found-in desert; sand found-in desert; book found-in library; teacher found-in school; student found-in school; doctor found-in hospital; nurse found-in hospital; cow found-in barn; horse found-in barn; star found-in sky; cloud found-in sky; penguin found-in antarctica;
lion found-in africa; bath found-in bathroom; towel found-in bathroom; sofa found-in living room; desk found-in office; soldier found-in army; king found-in castle; airplane found-in airport; train found-in station; ship found-in harbor; money found-in bank
""")
OURS_KOREAN = _parse("""
삽 is-a 연장; 망치 is-a 연장; 톱 is-a 연장; 장미 is-a 꽃; 개 is-a 동물; 고양이 is-a 동물; 참새 is-a 새; 펭귄 is-a 새; 고래 is-a 포유류; 상어 is-a 물고기; 사과 is-a 과일; 배추 is-a 채소; 피아노 is-a 악기; 가야금 is-a 악기; 의자 is-a 가구; 버스 is-a 자동차;
꽃 has-part 꽃잎; 나무 has-part 뿌리; 새 has-part 날개; 자동차 has-part 바퀴; 집 has-part 지붕; 손 has-part 손가락; 김치 made-of 배추; 두부 made-of 콩; 떡 made-of 쌀; 책상 made-of 나무; 책 made-of 종이; 치즈 made-of 우유;
삽 used-for 땅 파기; 호미 used-for 김매기; 망치 used-for 못 박기; 톱 used-for 나무 자르기; 칼 used-for 자르기; 바늘 used-for 바느질; 연필 used-for 글쓰기; 숟가락 used-for 밥 먹기; 꽃 found-in 정원; 책 found-in 도서관; 의사 found-in 병원; 선생님 found-in 학교; 고래 found-in 바다; 낙타 found-in 사막;
낮 opposite-of 밤; 위 opposite-of 아래; 전쟁 opposite-of 평화; 처음 opposite-of 끝; 왼쪽 opposite-of 오른쪽
""")


def choose(source: Path) -> list[tuple[str, str, str]]:
    """Triples (head, relation, tail) between the words of the list, sorted."""
    found = set()
    with lzma.open(source, "rt", encoding="utf-8") as file:
        for line in file:
            head, name, tail = line.rstrip("\n").split("\t")
            relation = RELATIONS.get(name)
            if relation is None or head == tail or not {head, tail} <= WORDS:
                continue
            if relation == "opposite-of":
                head, tail = sorted((head, tail))
            if (head, relation, tail) not in OTHER_SENSES:
                found.add((head, relation, tail))
    return sorted(found)


def write(source: Path, target: Path = TRIPLES) -> None:
    """The whole file: head, relation, tail, language, source."""
    rows = ["head\trelation\ttail\tlanguage\tsource"]
    rows += ["\t".join((*triple, "en", "WordNet 3.0")) for triple in choose(source)]
    rows += ["\t".join((*triple, "en", "this project")) for triple in OURS]
    rows += ["\t".join((*triple, "ko", "this project")) for triple in OURS_KOREAN]
    target.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
